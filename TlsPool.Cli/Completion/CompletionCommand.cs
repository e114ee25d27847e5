using System.CommandLine;

namespace TlsPool.Cli.Completion;

/// <summary>
/// <c>tlspool completion</c>: what makes a shell complete command lines of <c>tlspool</c>. The scripts ask the program itself, by the
/// <c>[suggest]</c> directive that its command line library understands, so they never have to be made again.
/// </summary>
internal static class CompletionCommand
{
    internal static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return new Command("completion", "write a script that makes a shell complete what is typed after tlspool") { shell }.Does(result =>
        {
            Console.Write(EmbeddedText.Read($"tlspool.{result.GetRequiredValue(shell)}"));
            return 0;
        });
    }
}
