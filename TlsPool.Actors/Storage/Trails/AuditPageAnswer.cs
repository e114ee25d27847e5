namespace TlsPool.Actors.Storage.Trails;

/// <summary>What a trail says to a position. The numbers are those on the wire.</summary>
internal enum AuditPageAnswer
{
    /// <summary>These rows come next.</summary>
    Rows = 1,

    /// <summary>This is another trail than the one that was read.</summary>
    OtherTrail = 2,

    /// <summary>It is the same trail, and does not have what was read: a backup was put back.</summary>
    Rewritten = 3,
}
