namespace TlsPool.Protocol.Frames;

/// <summary>Roles and requirements of STARTTLS (behaviour.md, "STARTTLS").</summary>
[Flags]
public enum StartTlsFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>PIOF_STARTTLS_LOCALROLE_CLIENT</c>.</summary>
    LocalRoleClient = 0x00000001,

    /// <summary><c>PIOF_STARTTLS_LOCALROLE_SERVER</c>.</summary>
    LocalRoleServer = 0x00000002,

    /// <summary><c>PIOF_STARTTLS_LOCALROLE_PEER</c>.</summary>
    LocalRolePeer = 0x00000003,

    /// <summary><c>PIOF_STARTTLS_REMOTEROLE_CLIENT</c>.</summary>
    RemoteRoleClient = 0x00000004,

    /// <summary><c>PIOF_STARTTLS_REMOTEROLE_SERVER</c>.</summary>
    RemoteRoleServer = 0x00000008,

    /// <summary><c>PIOF_STARTTLS_REMOTEROLE_PEER</c>.</summary>
    RemoteRolePeer = 0x0000000c,

    /// <summary><c>PIOF_STARTTLS_BOTHROLES_PEER</c>.</summary>
    BothRolesPeer = 0x0000000f,

    /// <summary><c>PIOF_STARTTLS_DTLS</c>.</summary>
    Dtls = 0x00000100,

    /// <summary><c>PIOF_STARTTLS_WITHOUT_SNI</c>.</summary>
    WithoutSni = 0x00000200,

    /// <summary><c>PIOF_STARTTLS_IGNORE_CACHES</c>.</summary>
    IgnoreCaches = 0x00000400,

    /// <summary><c>PIOF_STARTTLS_REQUEST_REMOTEID</c>.</summary>
    RequestRemoteId = 0x00000800,

    /// <summary><c>PIOF_STARTTLS_IGNORE_REMOTEID</c>.</summary>
    IgnoreRemoteId = 0x00001000,

    /// <summary><c>PIOF_STARTTLS_DETACH</c>.</summary>
    Detach = 0x00002000,

    /// <summary><c>PIOF_STARTTLS_FORK</c>.</summary>
    Fork = 0x00004000,

    /// <summary><c>PIOF_STARTTLS_DOMAIN_REPRESENTS_USER</c>.</summary>
    DomainRepresentsUser = 0x00008000,

    /// <summary><c>PIOF_STARTTLS_LOCALID_CHECK</c>.</summary>
    LocalIdCheck = 0x00010000,

    /// <summary><c>PIOF_STARTTLS_RENEGOTIATE</c>.</summary>
    Renegotiate = 0x00020000,

    /// <summary><c>PIOF_STARTTLS_LOCALID_ONTHEFLY</c>.</summary>
    LocalIdOnTheFly = 0x00040000,
}
