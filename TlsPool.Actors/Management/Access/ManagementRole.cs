namespace TlsPool.Actors.Management.Access;

/// <summary>What somebody who manages the pool may do: each may what those before it may.</summary>
public enum ManagementRole
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>See everything, and change nothing.</summary>
    Viewer,

    /// <summary>Run it: sessions, logins of tokens, the log, the drain of a node.</summary>
    Operator,

    /// <summary>Change policy: identities, rules, trust, and who is in the cluster.</summary>
    Admin,
}
