using System.CommandLine;
using System.CommandLine.Invocation;
using TlsPool.Actors.Management;

namespace TlsPool.Cli;

/// <summary>What <c>--version</c> does.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Console.WriteLine(BuildFacts.Current);
        return 0;
    }
}
