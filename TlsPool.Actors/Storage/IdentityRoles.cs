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

/// <summary>Roles as users write them.</summary>
public static class IdentityRoleNames
{
    /// <summary>What users write.</summary>
    public static IReadOnlyList<string> All { get; } = ["server", "client", "both"];

    /// <summary>server, client or both; none for a rule that lets nobody in.</summary>
    public static string Name(this IdentityRoles roles) => roles.ToString().ToLowerInvariant();

    /// <summary>Reads a name, in whatever case; <see cref="IdentityRoles.None"/> for any other text.</summary>
    public static IdentityRoles Read(string name) => name.ToLowerInvariant() switch
    {
        "server" => IdentityRoles.Server,
        "client" => IdentityRoles.Client,
        "both" => IdentityRoles.Both,
        _ => IdentityRoles.None,
    };
}
