using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Transport;

/// <summary>
/// Frames and descriptors over one connected UNIX stream socket, on an <see cref="EventLoop"/>. Used by the daemon, the client
/// library and the tunnel alike. Each received descriptor is bound to the frame whose bytes it came with.
/// </summary>
public sealed class FrameConnection : DescriptorHandler
{
    private FrameConnection()
    {
    }

    /// <summary>Wraps a connected socket, registers it with the loop and starts reading. Any thread.</summary>
    /// <param name="loop">The loop that will serve it.</param>
    /// <param name="socket">The socket, now owned by the connection.</param>
    /// <param name="receiver">Takes the frames.</param>
    public static FrameConnection Start(EventLoop loop, SafeDescriptor socket, IFrameReceiver receiver) =>
        throw new NotSupportedException();

    /// <summary>Connects to a pool's socket.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody listens there, or access is denied.</exception>
    public static FrameConnection Connect(EventLoop loop, string path, IFrameReceiver receiver) =>
        throw new NotSupportedException();

    /// <summary>Who is at the other end.</summary>
    public PeerCredentials Peer => throw new NotSupportedException();

    /// <summary>The loop that serves this connection.</summary>
    public EventLoop Loop => throw new NotSupportedException();

    /// <summary>
    /// Sends one frame; what the socket does not take is queued, in order, up to a limit that ends the connection. Any thread.
    /// The descriptor is closed here when it has been sent or has become unsendable.
    /// </summary>
    /// <param name="frame">388 bytes; copied if need be.</param>
    /// <param name="descriptor">A descriptor to pass along, or null.</param>
    /// <returns>False if the connection has ended.</returns>
    public bool Send(ReadOnlySpan<byte> frame, SafeDescriptor? descriptor = null) => throw new NotSupportedException();

    /// <summary>Stops or restarts reading: back-pressure. Any thread.</summary>
    public void SetReading(bool enabled) => throw new NotSupportedException();

    /// <summary>Closes the socket; <see cref="IFrameReceiver.OnClosed"/> follows on the loop. Any thread.</summary>
    public void Close() => throw new NotSupportedException();

    /// <inheritdoc/>
    protected internal override void OnReady(EventLoop loop, int descriptor, Readiness ready) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected internal override void OnFault(EventLoop loop, Exception exception) => throw new NotSupportedException();
}
