using System.CommandLine;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;
using TlsPool.Protocol.Transport;

namespace TlsPool.Cli.Stores;

/// <summary>Options that say which pool's database a command works on.</summary>
internal sealed class StoreOptions
{
    private readonly Option<string?> _config = ConfigurationOption.Create();

    private readonly Option<string?> _database = new("--database")
    {
        Description = "directory of the database (default: dbenv_dir of the configuration)",
        HelpName = "directory",
    };

    /// <summary>Adds the options to a command.</summary>
    internal StoreOptions AddTo(Command command)
    {
        command.Options.Add(_config);
        command.Options.Add(_database);
        return this;
    }

    /// <summary>Opens the stores; root becomes the database's owner first, so that the daemon can read what is made.</summary>
    internal PoolStoreAccess Open(ParseResult result)
    {
        PeerCredentials administrator = Administrator.Current();
        return new PoolStoreAccess(BecomeOwner(result), administrator);
    }

    /// <summary>Reads the configuration; root becomes the database's owner.</summary>
    internal PoolConfiguration BecomeOwner(ParseResult result)
    {
        PoolConfiguration configuration = Read(result);
        ProcessPrivileges.MakeDirectoryFor(configuration.DatabaseDirectory, ProcessIdentity.Find(configuration.User, configuration.Group));
        ProcessPrivileges.BecomeOwnerOf(configuration.DatabaseDirectory);
        return configuration;
    }

    /// <summary>These options as they were given, for another command.</summary>
    internal IEnumerable<string> Arguments(ParseResult result) => new[] { _config, _database }
        .Where(option => result.GetValue(option) is not null)
        .SelectMany(option => new[] { option.Name, result.GetValue(option)! });

    /// <summary>The pool's configuration, with its database where this process sees it.</summary>
    internal PoolConfiguration Read(ParseResult result)
    {
        (PoolConfiguration configuration, _) = PoolDaemon.ReadConfiguration(result.GetValue(_config));
        return result.GetValue(_database) is { } directory
            ? configuration with { DatabaseDirectory = Path.GetFullPath(directory) }
            : FromOutside(configuration);
    }

    /// <summary>Files that the daemon names from inside its root, as this process sees them.</summary>
    private static PoolConfiguration FromOutside(PoolConfiguration configuration) => configuration.Chroot.Length == 0
        ? configuration
        : configuration with
        {
            DatabaseDirectory = Path.Join(configuration.Chroot, configuration.DatabaseDirectory),
            KeyStorePassphraseFile = configuration.KeyStorePassphraseFile.Length == 0 ? "" : Path.Join(configuration.Chroot, configuration.KeyStorePassphraseFile),
        };
}
