using System.Net;
using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>Tells of refused peers, a few in a minute: a port scan must not fill the disk. Thread safe.</summary>
internal sealed class StrangerLog(ILogger log, TimeProvider time)
{
    // What members do wrong is rarer and worse: strangers must not be able to hide it.
    private readonly Allowance _strangers = new(log, time);
    private readonly Allowance _members = new(log, time);

    /// <summary>A peer was sent away.</summary>
    internal void Refused(EndPoint? peer, string reason)
    {
        if (_strangers.Take())
            log.LogWarning("peer {Peer} of the cluster is refused: {Reason}", peer, reason);
    }

    /// <summary>A program that may not do what it wants was sent away.</summary>
    internal void SentAway(string reason)
    {
        if (_strangers.Take())
            log.LogWarning("a program that wants to manage the pool is sent away: {Reason}", reason);
    }

    /// <summary>A member has said what it must not.</summary>
    internal void Dishonest(string member, string what)
    {
        if (_members.Take())
            log.LogError("the connection with {Member} is closed: {What}", member, what);
    }

    /// <summary>Accepting has failed.</summary>
    internal void Failed(Exception failure)
    {
        if (_strangers.Take())
            log.LogError("no connection of other nodes can be taken: {Reason}", failure.Message);
    }

    /// <summary>Lines in a minute.</summary>
    private sealed class Allowance(ILogger log, TimeProvider time)
    {
        private const int PerMinute = 20;

        private readonly Lock _lock = new();
        private long _start = time.GetTimestamp();
        private int _told;
        private int _untold;

        internal bool Take()
        {
            lock (_lock)
            {
                if (time.GetElapsedTime(_start) > TimeSpan.FromMinutes(1))
                {
                    if (_untold > 0)
                        log.LogWarning("{Count} more peers were refused", _untold);
                    (_start, _told, _untold) = (time.GetTimestamp(), 0, 0);
                }
                if (_told == PerMinute)
                {
                    _untold++;
                    return false;
                }
                _told++;
                return true;
            }
        }
    }
}
