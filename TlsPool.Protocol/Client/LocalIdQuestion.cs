using TlsPool.Protocol.Frames;

namespace TlsPool.Protocol.Client;

/// <summary>The pool wants a local identity chosen, or shows a stored choice first (behaviour.md, "LIDENTRY").</summary>
/// <param name="Flags">Flags of the callback.</param>
/// <param name="MaxLevels">For an entry, how many levels up it is; for the question, how many levels the answer may generalise.</param>
/// <param name="LocalId">For an entry, its identity; for the question, a suggestion or empty.</param>
/// <param name="RemoteId">The other side; a selector where generalised.</param>
/// <param name="Timeout">Time for the answer; zero if the pool names none.</param>
public sealed record LocalIdQuestion(LidEntryFlags Flags, int MaxLevels, string LocalId, string RemoteId, TimeSpan Timeout)
{
    /// <summary>True for a stored entry that is shown for information; the question follows after the last one.</summary>
    public bool IsEntry => Flags.HasFlag(LidEntryFlags.DbEntry);
}
