using Akka.Actor;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Connections;

/// <summary>
/// The callbacks that one connection has open, and those that became pointless a moment ago. A callback id is valid once and only on the
/// connection it was sent to (behaviour.md, "Frames and connections").
/// </summary>
internal sealed class CallbackTable
{
    private const int MaxExpired = 4096;

    private readonly Dictionary<ushort, Callback> _open = [];
    private readonly Dictionary<IActorRef, ushort> _byAsker = [];
    private readonly Queue<ushort> _expiredOrder = [];
    private readonly HashSet<ushort> _expired = [];
    private ushort _last;

    /// <summary>The callbacks that wait for an answer.</summary>
    internal IEnumerable<Callback> Open => _open.Values;

    /// <summary>Opens a callback; null when all 65,535 ids are taken. An asker has at most one open.</summary>
    internal ushort? Add(IActorRef asker, ushort requestId, Command command)
    {
        if (_open.Count + _expired.Count >= ushort.MaxValue)
            return null;
        do
            _last++;
        while (_last == 0 || _open.ContainsKey(_last) || _expired.Contains(_last));
        _open.Add(_last, new Callback(asker, requestId, command));
        _byAsker[asker] = _last;
        return _last;
    }

    /// <summary>Takes the callback that an answer belongs to.</summary>
    /// <param name="id">The id in the answer.</param>
    /// <param name="expired">True if it was ours but its asker is gone: the answer is swallowed.</param>
    internal Callback? Take(ushort id, out bool expired)
    {
        expired = _expired.Remove(id);
        if (!_open.Remove(id, out Callback? callback))
            return null;
        _byAsker.Remove(callback.Asker);
        return callback;
    }

    /// <summary>Forgets what an asker that is gone had open.</summary>
    internal void Expire(IActorRef asker)
    {
        if (!_byAsker.Remove(asker, out ushort id) || !_open.Remove(id))
            return;
        _expired.Add(id);
        _expiredOrder.Enqueue(id);
        while (_expiredOrder.Count > MaxExpired)
            _expired.Remove(_expiredOrder.Dequeue());
    }

    internal sealed record Callback(IActorRef Asker, ushort RequestId, Command Command);
}
