using Microsoft.Extensions.Logging;
using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Storage;

/// <summary>
/// The local identities in memory: one immutable snapshot, swapped when the database has changed. Credentials that stay are the same
/// objects, as they carry what the engine has parsed.
/// </summary>
internal sealed class LocalIdentities(IdentityStore store, TimeProvider time, ILogger log) : ILocalIdentities
{
    private volatile LocalIdentitySnapshot _snapshot = LocalIdentitySnapshot.Empty;

    /// <inheritdoc/>
    public IReadOnlyList<string> ServerIdentities => _snapshot.ServerIdentities;

    /// <inheritdoc/>
    public IReadOnlyList<Credential> Find(string localId, TlsRole role) =>
        DoNai.TryParse(localId, out DoNai? identity) ? _snapshot.Find(identity, role.ToRoles(), time.GetUtcNow()) : [];

    /// <inheritdoc/>
    public IReadOnlyList<Credential> FindForServerName(string serverName) =>
        DoNai.TryParse(serverName, out DoNai? identity) && identity.User is null
            ? _snapshot.FindForServerName(identity, time.GetUtcNow())
            : [];

    /// <inheritdoc/>
    public IReadOnlyList<KeyHolder> HoldersOf(KeyReference key) => _snapshot.HoldersOf(key);

    /// <summary>Reads the database again.</summary>
    /// <exception cref="StorageException">It cannot be read; the last snapshot stays.</exception>
    internal void Refresh()
    {
        IReadOnlyList<StoredIdentity> all = store.List(out IReadOnlyList<DamagedIdentity> damaged);
        DateTimeOffset now = time.GetUtcNow();
        LocalIdentitySnapshot before = _snapshot;
        _snapshot = LocalIdentitySnapshot.Of(all, before);
        foreach (DamagedIdentity identity in damaged)
            log.LogError("credential {Id} of {Identity} in the database is damaged, and not used: remove the identity and add it again", identity.Id, identity.Name);
        foreach (StoredIdentity identity in all.Where(identity => now > identity.NotAfter && !before.Has(identity.Id)))
            log.LogWarning("a certificate of {Identity} expired at {Time:u}: 'tlspool identity show {Identity}'", identity.Identity, identity.NotAfter, identity.Identity);
    }
}
