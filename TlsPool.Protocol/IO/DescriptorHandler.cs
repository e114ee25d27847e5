namespace TlsPool.Protocol.IO;

/// <summary>Something that reacts to descriptors of one <see cref="EventLoop"/>. All calls come on the loop's thread, run to completion and must not block.</summary>
public abstract class DescriptorHandler
{
    /// <summary>A registered descriptor became ready (edge-triggered: read or write until it would block).</summary>
    /// <param name="loop">The loop that owns the descriptor.</param>
    /// <param name="descriptor">The descriptor's number.</param>
    /// <param name="ready">What it is ready for.</param>
    protected internal abstract void OnReady(EventLoop loop, int descriptor, Readiness ready);

    /// <summary>An exception escaped <see cref="OnReady"/>: close what is owned. The loop goes on.</summary>
    protected internal abstract void OnFault(EventLoop loop, Exception exception);
}
