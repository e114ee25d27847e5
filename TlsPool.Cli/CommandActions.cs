using System.CommandLine;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Management;
using TlsPool.Actors.Storage;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Client;

namespace TlsPool.Cli;

/// <summary>Runs commands: what a user can mend is told in one line on standard error, with exit code 1.</summary>
internal static class CommandActions
{
    /// <summary>Sets what a command does; the result is its exit code.</summary>
    internal static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> action)
    {
        command.SetAction((result, cancellation) => RunAsync(() => action(result, cancellation)));
        return command;
    }

    /// <summary>Sets what a command does; the result is its exit code.</summary>
    internal static Command Does(this Command command, Func<ParseResult, int> action) =>
        command.Does((result, _) => Task.FromResult(action(result)));

    /// <summary>Runs something that may fail for reasons a user can mend.</summary>
    internal static async Task<int> RunAsync(Func<Task<int>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ConfigurationException or DaemonException or StorageException or TokenException
            or CertificateException or TlsPoolException or ManagementException or CommandException or FormatException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"tlspool: {exception.Message}").ConfigureAwait(false);
            return 1;
        }
    }
}
