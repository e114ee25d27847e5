using TlsPool.Actors.Audit;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Storage;

/// <summary>Everything about identities, rules and trust that can be changed while the daemon runs. Thread safe; calls wait for the disk.</summary>
/// <param name="database">The database.</param>
/// <param name="keys">The built-in key store.</param>
/// <param name="trail">The audit trail, to be read.</param>
internal sealed class PolicyStores(PoolDatabase database, BuiltInKeyStore keys, IAuditReader trail)
{
    /// <summary>Local identities.</summary>
    internal IdentityStore Identities { get; } = new(database);

    /// <summary>Which identity clients show to whom.</summary>
    internal DisclosureStore Disclosure { get; } = new(database);

    /// <summary>Who may use which identity.</summary>
    internal AccessStore Access { get; } = new(database);

    /// <summary>Whom the pool believes.</summary>
    internal TrustStore Trust { get; } = new(database);

    /// <summary>Keys in the database.</summary>
    internal BuiltInKeyStore Keys => keys;

    /// <summary>What was decided.</summary>
    internal IAuditReader Trail => trail;
}
