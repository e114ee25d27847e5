using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.LocalIds;

/// <summary>One session whose local identity is to be chosen.</summary>
/// <param name="RemoteId">The other side; empty if the application does not say.</param>
/// <param name="Suggestion">Whom the session would be if nobody were asked; empty for nobody.</param>
/// <param name="Stored">Entries of the disclosure database that match, the nearest first.</param>
/// <param name="Selectors">What a choice may be stored for, from the remote identity itself upwards; empty if for nothing.</param>
internal sealed record LocalIdTurn(string RemoteId, string Suggestion, IReadOnlyList<StoredEntry> Stored, IReadOnlyList<string> Selectors)
{
    /// <summary>Puts together what the pool has shown and asked.</summary>
    /// <param name="remoteId">The remote identity of the question.</param>
    /// <param name="suggestion">Its local identity.</param>
    /// <param name="maxLevels">Its limit.</param>
    /// <param name="shown">What was shown since the last question: also of sessions that were given up before theirs.</param>
    internal static LocalIdTurn Of(string remoteId, string suggestion, int maxLevels, IEnumerable<StoredEntry> shown)
    {
        DoNai? remote = DoNai.TryParse(remoteId, out DoNai? named) ? named : null;
        return new LocalIdTurn(
            remoteId,
            suggestion,
            [.. shown.Where(entry => Concerns(entry, remote)).Distinct()],
            remote is null ? [] : [.. Selector.Search(remote).Take(maxLevels + 1).Select(selector => selector.ToString())]);
    }

    /// <summary>The identities at hand, each once, the preferred one first; an empty one is nobody.</summary>
    /// <param name="offered">What is there beside those that are stored and suggested.</param>
    internal IReadOnlyList<string> Candidates(IEnumerable<string> offered) =>
    [
        .. Stored.Select(entry => entry.LocalId)
            .Concat(Suggestion.Length > 0 ? [Suggestion] : [])
            .Concat(offered)
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    private static bool Concerns(StoredEntry entry, DoNai? remote) => Selector.TryParse(entry.Remote, out Selector? selector)
        && (remote is null ? selector.IsMostGeneral : selector.LevelsAbove(remote) == entry.Level);
}
