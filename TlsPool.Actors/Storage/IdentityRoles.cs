using TlsPool.Crypto.Handshakes;

namespace TlsPool.Actors.Storage;

/// <summary>Roles that a credential may be used in.</summary>
[Flags]
public enum IdentityRoles
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>TLS client.</summary>
    Client = 1,

    /// <summary>TLS server.</summary>
    Server = 2,

    /// <summary>Both.</summary>
    Both = Client | Server,
}

/// <summary>Roles of the engine and of the database.</summary>
internal static class IdentityRolesOfTls
{
    internal static IdentityRoles ToRoles(this TlsRole role) => role == TlsRole.Client ? IdentityRoles.Client : IdentityRoles.Server;
}
