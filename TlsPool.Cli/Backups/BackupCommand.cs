using System.CommandLine;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Management;
using TlsPool.Actors.Storage.Backups;
using TlsPool.Cli.Stores;

namespace TlsPool.Cli.Backups;

/// <summary><c>tlspool backup</c>: all databases of the pool in one file, while the daemon runs.</summary>
internal static class BackupCommand
{
    private const string StandardOutput = "-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    internal static Command Create()
    {
        var file = new Argument<string>("file") { Description = "where the backup goes: a file that is not there yet, or - for standard output" };
        var command = new Command("backup", "copy the pool's databases into one file, also while the daemon runs") { file };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(async (result, _) =>
        {
            // Who is told to end cleans up first.
            using var termination = new Termination();
            string name = result.GetRequiredValue(file);
            if (name == StandardOutput)
                return WriteTo(stores.BecomeOwner(result));
            try
            {
                return await WriteFileAsync(Path.GetFullPath(name), stores.Read(result), [.. stores.Arguments(result)], termination.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                throw new CommandException("interrupted: there is no backup");
            }
        });
    }

    private static int WriteTo(PoolConfiguration configuration)
    {
        if (!Console.IsOutputRedirected)
            throw new CommandException("a backup is nothing for a terminal: name a file");
        // Other than the console's stream, this one tells of a reader that has gone.
        using var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        PoolBackup.Write(configuration.DatabaseDirectory, output, BuildFacts.Current.Version, DateTimeOffset.UtcNow);
        return 0;
    }

    /// <summary>
    /// Writes a file, whole or not at all. The user who names it may write where the databases' owner may not, and root reads no database as
    /// root: so it is this process that writes, and another one that becomes the owner and reads.
    /// </summary>
    private static async Task<int> WriteFileAsync(string path, PoolConfiguration configuration, string[] options, CancellationToken cancellation)
    {
        if (Path.Exists(path))
            throw new CommandException($"{path} is there already: name another file, or remove it");
        string part = $"{path}.part";
        int code;
        var file = new FileStream(part, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        try
        {
            await using (file.ConfigureAwait(false))
            {
                // Whatever the umask of who runs this takes away, nobody is to be given more.
                File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
                code = await ReadAsync(file, options, cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }
            if (code == 0)
                File.Move(part, path);
        }
        finally
        {
            File.Delete(part);
        }
        if (code == 0)
            Console.WriteLine($"{path} has the databases of {configuration.DatabaseDirectory}. Keys of the built-in store are encrypted in it: keep {configuration.PassphraseFile} too, and elsewhere.");
        return code;
    }

    private static async Task<int> ReadAsync(FileStream file, string[] options, CancellationToken cancellation)
    {
        string program = Environment.ProcessPath!;
        // "dotnet tlspool.dll" has the runtime as its program.
        string[] prefix = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(BackupCommand).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. prefix, "backup", StandardOutput, .. options]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process reader = Process.Start(start)!;
        Task<string> complaints = reader.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await reader.StandardOutput.BaseStream.CopyToAsync(file, cancellation).ConfigureAwait(false);
        }
        finally
        {
            // It cleans up when nobody reads any more.
            reader.StandardOutput.Close();
            await reader.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
        await Console.Error.WriteAsync(await complaints.ConfigureAwait(false)).ConfigureAwait(false);
        return reader.ExitCode;
    }
}
