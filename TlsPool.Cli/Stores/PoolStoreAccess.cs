using TlsPool.Actors.Audit;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Replication;
using TlsPool.Actors.Storage.Trails;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Transport;

namespace TlsPool.Cli.Stores;

/// <summary>The stores of a pool, for one command.</summary>
internal sealed class PoolStoreAccess : IDisposable
{
    private readonly PoolDatabase _database;
    private readonly Lazy<BuiltInKeyStore> _keys;
    private readonly Lazy<TokenSources> _tokens;
    private readonly Lazy<AuditStore> _audit;
    private readonly Lazy<ClusterAuditStore> _collectedAudit;

    private readonly PeerCredentials _administrator;

    internal PoolStoreAccess(PoolConfiguration configuration, PeerCredentials administrator)
    {
        _administrator = administrator;
        Configuration = configuration;
        _database = PoolDatabase.Open(configuration.DatabaseDirectory);
        Identities = new IdentityStore(_database);
        Trust = new TrustStore(_database);
        Disclosure = new DisclosureStore(_database);
        Access = new AccessStore(_database);
        _keys = new Lazy<BuiltInKeyStore>(() => new EncryptedKeyStore(_database).Open(configuration.PassphraseFile));
        _audit = new Lazy<AuditStore>(() => AuditStore.Open(configuration.DatabaseDirectory));
        _collectedAudit = new Lazy<ClusterAuditStore>(() => ClusterAuditStore.Open(configuration.DatabaseDirectory));
        _tokens = new Lazy<TokenSources>(() => TokenSources.Load(configuration));
    }

    internal PoolConfiguration Configuration { get; }

    internal IdentityStore Identities { get; }

    internal TrustStore Trust { get; }

    internal DisclosureStore Disclosure { get; }

    internal AccessStore Access { get; }

    /// <summary>The audit trail; opened when it is first used.</summary>
    internal AuditStore Audit => _audit.Value;

    /// <summary>The audit trails of all nodes, where they are collected; opened when they are first used.</summary>
    internal ClusterAuditStore CollectedAudit => _collectedAudit.Value;

    /// <summary>The built-in key store; its passphrase is read when it is first used.</summary>
    internal BuiltInKeyStore Keys => _keys.Value;

    /// <summary>The PKCS #11 tokens of the configuration; modules are loaded when they are first used.</summary>
    internal TokenSources Tokens => _tokens.Value;

    /// <summary>What other nodes of a cluster get.</summary>
    /// <param name="node">Name of this node.</param>
    internal ReplicaStore Replica(string node) => ReplicaStore.Open(_database, node);

    /// <summary>Records what this command has changed. That it could not is told, and undoes nothing.</summary>
    /// <param name="change">What was done.</param>
    /// <param name="identity">The local identity it was done to; empty for none.</param>
    /// <param name="key">URI of its key; empty for none.</param>
    internal void Record(string change, string identity = "", string key = "")
    {
        try
        {
            Audit.Append([new AuditRecord(0, DateTimeOffset.UtcNow, new AuditEvent(AuditKind.Administration, Allowed: true, change)
            {
                Application = _administrator,
                LocalId = identity,
                Key = key,
            })]);
        }
        catch (StorageException exception)
        {
            Console.Error.WriteLine($"warning: the audit trail does not know of this: {exception.Message}");
        }
    }

    public void Dispose()
    {
        if (_tokens.IsValueCreated)
            _tokens.Value.Dispose();
        if (_keys.IsValueCreated)
            _keys.Value.Dispose();
        if (_audit.IsValueCreated)
            _audit.Value.Dispose();
        if (_collectedAudit.IsValueCreated)
            _collectedAudit.Value.Dispose();
        _database.Dispose();
    }
}
