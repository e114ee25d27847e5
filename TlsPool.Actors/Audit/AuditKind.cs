namespace TlsPool.Actors.Audit;

/// <summary>What was decided.</summary>
public enum AuditKind
{
    /// <summary>What a later version of the pool recorded.</summary>
    Unknown,

    /// <summary>A session was asked for and set up, or not.</summary>
    SessionSetup,

    /// <summary>A session's security or identities were renewed, or not.</summary>
    SessionRenewal,

    /// <summary>A session changed hands, or somebody tried to take it.</summary>
    SessionControl,

    /// <summary>A session ended.</summary>
    SessionEnd,

    /// <summary>A local identity was chosen, by a rule or by a person.</summary>
    LocalIdChoice,

    /// <summary>The use of a local identity was looked up in the access rules.</summary>
    Access,

    /// <summary>A private key was used.</summary>
    KeyUse,

    /// <summary>A token was logged in to, with a PIN from a person or from the configuration.</summary>
    TokenLogin,

    /// <summary>A program took up or gave up entering PINs or choosing identities.</summary>
    EntryProgram,

    /// <summary>A certificate was made for a moment's use.</summary>
    OnTheFly,

    /// <summary>A command changed identities, trust or rules.</summary>
    Administration,

    /// <summary>A person was asked for a PIN, and entered one, refused, or let the time pass.</summary>
    PinEntry,

    /// <summary>The audit trail itself was shortened, or has a gap.</summary>
    Trail,

    /// <summary>Policy of another node of the cluster was taken over, refused, or lost against this node's.</summary>
    Replication,

    /// <summary>A handshake of another node was signed with a key of this one, or not.</summary>
    RemoteSigning,
}
