using Akka.Actor;
using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Actors.Cluster.Trail;

/// <summary>What a <see cref="TrailCollectorActor"/> knows of one node.</summary>
/// <param name="node">Name of the node.</param>
internal sealed class TrailSource(string node)
{
    /// <summary>Pause of a node that has no more at present.</summary>
    internal static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private TimeSpan _pause = Idle;

    /// <summary>Name of the node.</summary>
    internal string Node { get; } = node;

    /// <summary>Who shows its trail; null for this node itself.</summary>
    internal ICanTell? Trail { get; set; }

    /// <summary>Number of the step under way; what belongs to another is too late.</summary>
    internal long Step { get; set; }

    /// <summary>What the node was asked for, and has not answered yet.</summary>
    internal CollectedPosition? Asked { get; set; }

    /// <summary>True after a failure that was told.</summary>
    internal bool IsFailing => _pause > Idle;

    /// <summary>It works.</summary>
    internal void Succeed() => _pause = Idle;

    /// <summary>It does not.</summary>
    /// <returns>How long to wait.</returns>
    internal TimeSpan Fail()
    {
        TimeSpan pause = _pause;
        _pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        return pause;
    }
}
