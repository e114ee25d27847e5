namespace TlsPool.Protocol.IO;

/// <summary>
/// One thread around one epoll instance: edge-triggered, run to completion, one scratch area for all of its handlers
/// (design/performance.md). Descriptors are never made non-blocking: their description is shared with the application;
/// system calls carry MSG_DONTWAIT instead.
/// </summary>
public sealed class EventLoop : IDisposable
{
    /// <summary>Starts the loop's thread.</summary>
    /// <param name="name">Name of the thread.</param>
    public EventLoop(string name) => _ = name;

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrent => throw new NotSupportedException();

    /// <summary>Runs an action on the loop's thread, after what is queued already. Any thread may call; false once the loop has stopped.</summary>
    public bool Post(Action<EventLoop> action) => throw new NotSupportedException();

    /// <summary>Starts watching a descriptor. Loop thread only.</summary>
    public void Register(int descriptor, DescriptorHandler handler, Readiness interest) => throw new NotSupportedException();

    /// <summary>Changes what a registered descriptor is watched for. Loop thread only.</summary>
    public void Modify(int descriptor, DescriptorHandler handler, Readiness interest) => throw new NotSupportedException();

    /// <summary>Stops watching; call it before the descriptor is closed. Events already fetched are not delivered. Loop thread only.</summary>
    public void Unregister(int descriptor) => throw new NotSupportedException();

    /// <summary>Calls back on the loop's thread after a delay; the result cancels.</summary>
    public IDisposable Schedule(TimeSpan delay, Action<EventLoop> action) => throw new NotSupportedException();

    /// <summary>Stops the thread after the current round. Registered descriptors stay with their owners.</summary>
    public void Dispose() => throw new NotSupportedException();
}
