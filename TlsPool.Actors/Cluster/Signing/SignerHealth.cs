namespace TlsPool.Actors.Cluster.Signing;

/// <summary>How another node does as a signer. Not thread safe.</summary>
/// <param name="time">The clock.</param>
internal sealed class SignerHealth(TimeProvider time)
{
    private const double Weight = 0.2;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongestLimit = TimeSpan.FromSeconds(3);

    private double _milliseconds = 20;
    private int _failures;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    /// <summary>Requests that it has not answered yet.</summary>
    internal int Outstanding { get; set; }

    /// <summary>False for some time after it did not answer.</summary>
    internal bool IsTrusted => time.GetUtcNow() >= _notBefore;

    /// <summary>What a request there is expected to cost: lower is better.</summary>
    internal double Cost => (Outstanding + 1) * _milliseconds;

    /// <summary>How long an answer is waited for before somebody else is asked.</summary>
    internal TimeSpan Limit
    {
        get
        {
            var limit = TimeSpan.FromMilliseconds(_milliseconds * 8);
            return limit < ShortestLimit ? ShortestLimit : limit > LongestLimit ? LongestLimit : limit;
        }
    }

    /// <summary>It has answered.</summary>
    internal void Answered(TimeSpan after)
    {
        _milliseconds += Weight * (after.TotalMilliseconds - _milliseconds);
        _failures = 0;
        _notBefore = DateTimeOffset.MinValue;
    }

    /// <summary>It has not answered, or nonsense.</summary>
    internal void Failed()
    {
        if (!IsTrusted)
            return;
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 5));
        _notBefore = time.GetUtcNow() + (pause < LongestPause ? pause : LongestPause);
    }
}
