namespace TlsPool.Actors.Storage.Trails;

/// <summary>Some rows of a trail, in its order. Immutable.</summary>
/// <param name="Answer">What they are.</param>
/// <param name="Incarnation">Which trail they are of.</param>
/// <param name="Last">Highest number that the trail has given.</param>
/// <param name="Mark">What the last of the rows says, as <see cref="AuditMark"/> has it.</param>
/// <param name="Rows">The rows.</param>
internal sealed record AuditPage(AuditPageAnswer Answer, string Incarnation, long Last, long Mark, IReadOnlyList<AuditRow> Rows)
{
    /// <summary>Rows of the largest page.</summary>
    internal const int MaxRows = 500;

    /// <summary>Bytes of the largest page, but for a single row that is larger.</summary>
    internal const int MaxBytes = 256 * 1024;

    /// <summary>True if it can be what comes after a position.</summary>
    internal bool Continues(AuditPosition from)
    {
        if (Answer != AuditPageAnswer.Rows)
            return Rows.Count == 0 && (Answer == AuditPageAnswer.OtherTrail) == (Incarnation != from.Incarnation);
        long before = from.After;
        foreach (AuditRow row in Rows)
        {
            if (row.Record.Id <= before)
                return false;
            before = row.Record.Id;
        }
        return Incarnation == from.Incarnation && Last >= before;
    }
}
