using System.CommandLine;
using TlsPool.Cli;

// No response files: @example.com is a name, and not a file of arguments.
ParseResult parsed = CommandTree.Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
// Commands that have something to clean up take signals themselves (Termination); the library would end them after two seconds.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
