using System.CommandLine;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Storage.Backups;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Transport;

namespace TlsPool.Cli.Backups;

/// <summary><c>tlspool restore</c>: puts a backup in place of the databases of a pool that does not run.</summary>
internal static class RestoreCommand
{
    private const string StandardInput = "-";
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    internal static Command Create()
    {
        var file = new Argument<string>("file") { Description = "what tlspool backup has written, or - for standard input" };
        var command = new Command("restore", "put a backup in place of the pool's databases, which are kept; the daemon must not run") { file };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            // Nothing ends it between two databases.
            using var termination = new Termination();
            PeerCredentials administrator = Administrator.Current();
            PoolConfiguration configuration = stores.Read(result);
            if (!Directory.Exists(configuration.DatabaseDirectory))
                throw new CommandException($"{configuration.DatabaseDirectory} is not there: make it, with mode 0700 and for the daemon's user, and try again");
            // What the owner of the databases, whom root becomes, may not be able to open.
            using Stream backup = Open(result.GetRequiredValue(file));
            using PidFile? claim = Claim(configuration.PidFile);
            stores.BecomeOwner(result);
            (BackupManifest manifest, string replaced) =
                PoolRestore.Restore(configuration.DatabaseDirectory, backup, configuration.Cluster?.Address.Host, DateTimeOffset.UtcNow);
            Console.WriteLine($"{configuration.DatabaseDirectory} is as it was on {manifest.Made.UtcDateTime:u}: {string.Join(", ", manifest.Databases.Select(database => database.Name))}.");
            if (replaced.Length > 0)
                Console.WriteLine($"What was there before is in {replaced}. It holds keys: remove it when all is well.");
            if (configuration.Cluster is not null)
                Console.WriteLine("All nodes compare their policy with this one's again.");
            using var access = new PoolStoreAccess(configuration, administrator);
            access.Record($"the databases were restored from a backup of {manifest.Made.UtcDateTime:u}");
            WarnOfPassphrase(access);
            return 0;
        });
    }

    private static Stream Open(string path)
    {
        if (path == StandardInput)
            return Console.OpenStandardInput();
        if (Directory.Exists(path))
            throw new CommandException($"{path} is a directory");
        var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        UnixFileMode mode = File.GetUnixFileMode(file.SafeFileHandle);
        if ((mode & OthersWrite) != 0)
            throw new CommandException($"{path} decides who is trusted here, but others can write it: if it is good nevertheless, chmod 0600 it");
        if ((mode & OthersRead) != 0)
            Console.Error.WriteLine($"warning: {path} holds keys, although encrypted ones, and others can read it: chmod 0600 it");
        return file;
    }

    /// <summary>Keeps a daemon from starting meanwhile, which would open databases that are about to be exchanged.</summary>
    private static PidFile? Claim(string path)
    {
        if (path.Length == 0 || !Directory.Exists(Path.GetDirectoryName(path)))
            return null;
        try
        {
            return PidFile.Take(path, replace: false);
        }
        catch (DaemonException exception)
        {
            throw new CommandException($"the daemon must not run meanwhile: systemctl stop tlspool.socket tlspool ({exception.Message})");
        }
    }

    private static void WarnOfPassphrase(PoolStoreAccess access)
    {
        try
        {
            _ = access.Keys;
        }
        catch (TokenException exception)
        {
            Console.Error.WriteLine($"warning: {exception.Message}");
        }
    }
}
