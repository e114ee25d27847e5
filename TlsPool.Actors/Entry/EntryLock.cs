using Akka.Actor;

namespace TlsPool.Actors.Entry;

/// <summary>
/// Who may serve an entry service: PINENTRY or LIDENTRY (behaviour.md, "PINENTRY"). From a question until the timeout of the program that was
/// asked, only its connection may offer; while an offer is open, nobody may. Not thread safe.
/// </summary>
/// <param name="time">The clock that timeouts are measured with.</param>
internal sealed class EntryLock(TimeProvider time)
{
    private IActorRef? _holder;
    private ushort? _offer;
    private TimeSpan _timeout;
    private long _asked;

    /// <summary>The connection whose program was asked or offers; null where nobody keeps others out.</summary>
    internal IActorRef? Holder => _offer is not null || Remaining > TimeSpan.Zero ? _holder : null;

    /// <summary>The request that is the open offer; null if a question would have to wait for one.</summary>
    internal ushort? OpenRequest => _offer;

    /// <summary>How long the lock goes on for a program that was asked; zero if it has ended, or an offer is open.</summary>
    internal TimeSpan Remaining
    {
        get
        {
            if (_holder is null || _offer is not null)
                return TimeSpan.Zero;
            TimeSpan left = _timeout - time.GetElapsedTime(_asked);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Opens an offer; an answer is at once the next one. An offer in somebody else's place ends what was asked there.</summary>
    /// <param name="connection">Whose offer.</param>
    /// <param name="requestId">The request that questions will answer.</param>
    /// <param name="timeout">How long the lock lasts once it is asked; zero for no protection.</param>
    /// <returns>False if there is no vacancy.</returns>
    internal bool TryOffer(IActorRef connection, ushort requestId, TimeSpan timeout)
    {
        if (_offer is not null || (Holder is { } holder && !holder.Equals(connection)))
            return false;
        (_holder, _offer, _timeout) = (connection, requestId, timeout);
        return true;
    }

    /// <summary>Uses up the open offer: the lock begins.</summary>
    /// <returns>The offer's connection and request; null if none is open.</returns>
    internal (IActorRef Connection, ushort RequestId)? TryAsk()
    {
        if (_offer is not { } requestId || _holder is null)
            return null;
        (_offer, _asked) = (null, time.GetTimestamp());
        return (_holder, requestId);
    }

    /// <summary>The connection has closed, or its program resigns: the lock is free at once.</summary>
    /// <returns>True if that connection had it.</returns>
    internal bool Release(IActorRef connection)
    {
        if (_holder?.Equals(connection) != true)
            return false;
        (_holder, _offer) = (null, null);
        return true;
    }
}
