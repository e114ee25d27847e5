using Akka.Actor;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace TlsPool.Actors.Dispatch;

/// <summary>Messages in order: the first in a field, further ones in a queue that exists only as long as there are any.</summary>
public sealed class LeanMessageQueue : IMessageQueue, IUnboundedMessageQueueSemantics
{
    // The object is its own gate: there is one for each session, and nobody else sees it.
    private Envelope _first;
    private Queue<Envelope>? _further;

    /// <inheritdoc/>
    public bool HasMessages => Count > 0;

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            lock (this)
                return _first.Message is null ? 0 : 1 + (_further?.Count ?? 0);
        }
    }

    /// <inheritdoc/>
    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        lock (this)
        {
            if (_first.Message is null)
                _first = envelope;
            else
                (_further ??= []).Enqueue(envelope);
        }
    }

    /// <inheritdoc/>
    public bool TryDequeue(out Envelope envelope)
    {
        lock (this)
        {
            envelope = _first;
            if (envelope.Message is null)
                return false;
            _first = default;
            if (_further is not null && !_further.TryDequeue(out _first))
                _further = null;
            return true;
        }
    }

    /// <inheritdoc/>
    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out Envelope envelope))
            deadletters.Enqueue(owner, envelope);
    }
}
