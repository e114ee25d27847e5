using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Sessions that clients may resume: a few per scope, bounded over all, the least recently used scope goes first.</summary>
public sealed class ClientSessionCache : IClientSessionStore
{
    private const int PerScope = 4;
    private const int BytesPerScope = 8 * 1024;

    /// <summary>Larger ones are not kept: a ClientHello has to carry the ticket.</summary>
    private const int MaxSize = 64 * 1024;

    private readonly int _maxScopes;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byScope = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _recent = new();
    private long _size;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="maxScopes">Scopes kept at one time, at least 1.</param>
    /// <param name="time">The clock.</param>
    public ClientSessionCache(int maxScopes, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxScopes, 1);
        (_maxScopes, _time) = (maxScopes, time);
    }

    /// <inheritdoc/>
    public void Put(string scope, ClientSession session)
    {
        if (session.Size > MaxSize)
            return;
        lock (_lock)
        {
            List<ClientSession> sessions = Touch(scope).Value.Sessions;
            sessions.Add(session);
            _size += session.Size;
            if (sessions.Count > PerScope)
                Drop(sessions, 0);
            while (_size > (long)_maxScopes * BytesPerScope && _recent.Last is { } oldest && oldest != _recent.First)
                Remove(oldest);
        }
    }

    /// <inheritdoc/>
    public ClientSession? Take(string scope)
    {
        lock (_lock)
        {
            if (!_byScope.TryGetValue(scope, out LinkedListNode<Entry>? node))
                return null;
            List<ClientSession> sessions = node.Value.Sessions;
            DateTimeOffset now = _time.GetUtcNow();
            for (int i = sessions.Count - 1; i >= 0; i--)
            {
                if (sessions[i].Expires <= now)
                    Drop(sessions, i);
            }
            if (sessions.Count == 0)
            {
                Remove(node);
                return null;
            }
            ClientSession newest = sessions[^1];
            if (newest.Version == TlsVersion.Tls13)
                Drop(sessions, sessions.Count - 1);
            return newest;
        }
    }

    private LinkedListNode<Entry> Touch(string scope)
    {
        if (_byScope.TryGetValue(scope, out LinkedListNode<Entry>? node))
        {
            _recent.Remove(node);
        }
        else
        {
            if (_byScope.Count >= _maxScopes && _recent.Last is { } oldest)
                Remove(oldest);
            node = new LinkedListNode<Entry>(new Entry(scope));
            _byScope.Add(scope, node);
        }
        _recent.AddFirst(node);
        return node;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _recent.Remove(node);
        _byScope.Remove(node.Value.Scope);
        _size -= node.Value.Sessions.Sum(session => (long)session.Size);
    }

    private void Drop(List<ClientSession> sessions, int index)
    {
        _size -= sessions[index].Size;
        sessions.RemoveAt(index);
    }

    private sealed record Entry(string Scope)
    {
        internal List<ClientSession> Sessions { get; } = [];
    }
}
