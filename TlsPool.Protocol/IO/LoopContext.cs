namespace TlsPool.Protocol.IO;

/// <summary>Lets code that awaits on a loop's thread go on there, instead of on another thread that has to be woken for it.</summary>
internal sealed class LoopContext(EventLoop loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state)
    {
        // What waits for a loop that has stopped still has to end.
        if (!loop.Post(_ => d(state)))
            ThreadPool.QueueUserWorkItem(_ => d(state));
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!loop.IsCurrent)
            throw new NotSupportedException("a loop is not waited for");
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
