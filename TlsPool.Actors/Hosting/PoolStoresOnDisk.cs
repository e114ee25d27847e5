using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Trail;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Replication;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Tokens;
using TlsPool.Crypto.Validation;

namespace TlsPool.Actors.Hosting;

/// <summary>Opens the stores of a configuration.</summary>
internal static class PoolStoresOnDisk
{
    /// <summary>Opens database and key store, and reads what they hold.</summary>
    /// <exception cref="DaemonException">They cannot be used.</exception>
    internal static PoolStores Open(PoolConfiguration configuration, ILoggerFactory loggers)
    {
        try
        {
            var database = PoolDatabase.Open(configuration.DatabaseDirectory);
            ILogger log = loggers.CreateLogger(LogFacility.Database);
            BuiltInKeyStore keys = new EncryptedKeyStore(database).Open(configuration.PassphraseFile);
            var auditStore = AuditStore.Open(configuration.DatabaseDirectory);
            var policy = new PolicyStores(database, keys, auditStore);
            var identities = new LocalIdentities(policy.Identities, TimeProvider.System, log);
            var rules = new LocalIdRules(policy.Disclosure, policy.Access, log);
            TrustStore trust = policy.Trust;
            var tokens = TokenSources.Load(configuration);
            var validator = new PeerValidator(new AnchorSet([]), TimeProvider.System) { CommonNameFallback = configuration.CommonNameFallback };
            void Read()
            {
                identities.Refresh();
                rules.Refresh();
                validator.Anchors = new AnchorSet(trust.List().Select(anchor => anchor.Certificate));
                keys.Refresh();
            }
            Read();
            TrailStores? trails = TrailStores.Open(configuration, log);
            var audit = new AuditQueue(auditStore, configuration.AuditRetention, TimeProvider.System, log);
            ReplicaStore? replica = configuration.Cluster is { } cluster ? ReplicaStore.Open(database, cluster.Address.Host) : null;
            PoolStores? stores = null;
            var watcher = new StoreWatcher(
                database,
                () =>
                {
                    Read();
                    stores?.Changed();
                },
                log);
            log.LogInformation(
                "{File} has {Servers} server identities and {Anchors} trust anchors",
                Path.Combine(database.Directory, PoolDatabase.FileName),
                identities.ServerIdentities.Count,
                validator.Anchors.Count);
            stores = new PoolStores
            {
                Identities = identities,
                Rules = rules,
                Validator = validator,
                Keys = new BuiltInKeys(keys),
                Audit = audit,
                Trails = trails,
                Tokens = (trail, door, board) => TokenSupervisor.Props(keys, tokens.All, trail, loggers.CreateLogger(LogFacility.Pkcs11), door, board),
                Policy = policy,
                Refresh = next =>
                {
                    validator.CommonNameFallback = next.CommonNameFallback;
                    audit.Change(next.AuditRetention);
                    trails?.Change(next.AuditRetention);
                    watcher.Refresh();
                },
                CatchUp = watcher.CatchUp,
                Replica = replica,
                Owned = [watcher, validator, keys, tokens, database, audit],
            };
            return stores;
        }
        catch (Exception exception) when (exception is StorageException or TokenException)
        {
            throw new DaemonException(exception.Message);
        }
    }
}
