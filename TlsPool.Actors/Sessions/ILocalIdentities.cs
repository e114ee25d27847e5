using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;

namespace TlsPool.Actors.Sessions;

/// <summary>The current local identities. Every call reads one snapshot; thread safe, never blocks.</summary>
public interface ILocalIdentities
{
    /// <summary>Credentials of a local identity in a role, best first; empty if there are none.</summary>
    IReadOnlyList<Credential> Find(string localId, TlsRole role);

    /// <summary>Credentials a server shows for a host name (SNI), best first; wildcard identities come after exact ones.</summary>
    IReadOnlyList<Credential> FindForServerName(string serverName);

    /// <summary>Whom a private key stands for; empty if it stands for nobody.</summary>
    IReadOnlyList<KeyHolder> HoldersOf(KeyReference key);

    /// <summary>All identities that may act as servers, in alphabetical order.</summary>
    IReadOnlyList<string> ServerIdentities { get; }
}
