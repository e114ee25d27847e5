namespace TlsPool.Actors.Cluster.Signing;

/// <summary>
/// How often a node may have signatures made under an identity: a bucket of tokens for each pair of both, which fills at a constant rate and
/// holds what one second brings. A node that was broken into can then use a key no faster than the operator has allowed it to. Belongs to one
/// actor: it is not safe for several threads.
/// </summary>
public sealed class SigningRate
{
    /// <summary>Pairs that are remembered.</summary>
    public const int MaxBuckets = 4096;

    private readonly int _perSecond;
    private readonly TimeProvider _time;
    private readonly Dictionary<(string Node, string Identity), LinkedListNode<Bucket>> _buckets = [];
    // The one that was asked for last is last.
    private readonly LinkedList<Bucket> _order = [];

    /// <summary>Starts with full buckets.</summary>
    /// <param name="perSecond">Signatures in a second, and at once after a pause: 1 to 1,000,000.</param>
    /// <param name="time">The clock; only its timestamps are used, which never go back.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of its range.</exception>
    public SigningRate(int perSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, 1_000_000);
        (_perSecond, _time) = (perSecond, time);
    }

    /// <summary>Pairs that are remembered now: 0 to <see cref="MaxBuckets"/>.</summary>
    public int Count => _buckets.Count;

    /// <summary>Counts one more signature; false if that is more than there may be, and then it is not counted.</summary>
    /// <param name="node">Who asks.</param>
    /// <param name="identity">The DoNAI whose key is to sign.</param>
    public bool TryTake(string node, string identity)
    {
        Bucket bucket = Find((node, identity));
        long now = _time.GetTimestamp();
        double filled = bucket.Tokens + (_time.GetElapsedTime(bucket.Filled, now).TotalSeconds * _perSecond);
        (bucket.Tokens, bucket.Filled) = (Math.Min(filled, _perSecond), now);
        if (bucket.Tokens < 1)
            return false;
        bucket.Tokens--;
        return true;
    }

    private Bucket Find((string, string) pair)
    {
        if (_buckets.TryGetValue(pair, out LinkedListNode<Bucket>? found))
        {
            _order.Remove(found);
            _order.AddLast(found);
            return found.Value;
        }
        // A bucket is full after a second, so that forgetting the one that is idle for longest mostly forgets nothing.
        if (_order is { Count: MaxBuckets, First: { } oldest })
        {
            _order.Remove(oldest);
            _buckets.Remove(oldest.Value.Pair);
        }
        var bucket = new Bucket(pair) { Tokens = _perSecond, Filled = _time.GetTimestamp() };
        _buckets.Add(pair, _order.AddLast(bucket));
        return bucket;
    }

    private sealed class Bucket((string, string) pair)
    {
        internal (string, string) Pair => pair;

        internal double Tokens { get; set; }

        internal long Filled { get; set; }
    }
}
