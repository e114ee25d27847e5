using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Transport;

/// <summary>Takes what a <see cref="FrameConnection"/> reads. Calls come on the connection's loop thread and must not block.</summary>
public interface IFrameReceiver
{
    /// <summary>One whole frame.</summary>
    /// <param name="connection">Where it came from.</param>
    /// <param name="frame">388 bytes, valid during the call only.</param>
    /// <param name="descriptor">The descriptor that came with these bytes, now the receiver's; null if none. Second and further ones were closed.</param>
    /// <param name="surplus">True if more than one descriptor came with this frame.</param>
    void OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame, SafeDescriptor? descriptor, bool surplus);

    /// <summary>The connection has ended; called exactly once, last.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="reason">Why, for the log; no secret.</param>
    void OnClosed(FrameConnection connection, TransportEnd reason);
}
