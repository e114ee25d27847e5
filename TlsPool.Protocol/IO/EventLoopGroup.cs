namespace TlsPool.Protocol.IO;

/// <summary>Some event loops that share the work.</summary>
public sealed class EventLoopGroup : IDisposable
{
    private readonly EventLoop[] _loops;
    private uint _next;

    /// <summary>Starts loops.</summary>
    /// <param name="count">1 to 1024; 0 for one per processor.</param>
    /// <param name="name">Prefix of the threads' names.</param>
    public EventLoopGroup(int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1024);
        _loops = new EventLoop[count == 0 ? Environment.ProcessorCount : count];
        for (int i = 0; i < _loops.Length; i++)
            _loops[i] = new EventLoop($"{name}-{i}");
    }

    /// <summary>All loops.</summary>
    public IReadOnlyList<EventLoop> All => _loops;

    /// <summary>The loop whose turn it is. Any thread.</summary>
    public EventLoop Next() => _loops[Interlocked.Increment(ref _next) % (uint)_loops.Length];

    /// <summary>Stops all loops.</summary>
    public void Dispose()
    {
        foreach (EventLoop loop in _loops)
            loop.Dispose();
    }
}
