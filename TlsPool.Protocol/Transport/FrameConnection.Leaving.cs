using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Transport;

/// <content>Connections that go on in another process.</content>
public sealed partial class FrameConnection
{
    private bool _held;

    /// <summary>Reads nothing more, whatever <see cref="SetReading"/> says, until <see cref="LetGo"/> or <see cref="Release"/>. Any thread.</summary>
    /// <param name="held">Called on the loop's thread, after the last frame.</param>
    public void Hold(Action held) => Loop.Post(
        _ =>
        {
            _held = true;
            held();
        },
        this);

    /// <summary>Ends a <see cref="Hold"/>. Any thread.</summary>
    public void LetGo() => Loop.Post(
        _ =>
        {
            _held = false;
            Read();
        },
        this);

    /// <summary>
    /// Gives the socket of a held connection away instead of closing it, for somebody else to go on with. That takes a place between two frames
    /// in both directions; elsewhere the connection stays as it is. Any thread.
    /// </summary>
    /// <param name="taken">Called on the loop's thread, with the socket or null. <see cref="IFrameReceiver.OnClosed"/> does not follow.</param>
    public void Release(Action<SafeDescriptor?> taken)
    {
        if (!Loop.Post(_ => taken(TakeSocket()), this))
            taken(null);
    }

    private SafeDescriptor? TakeSocket()
    {
        lock (_sending)
        {
            if (!_held || _told || _closing || _received > 0 || _descriptor is not null || !_queue.IsEmpty)
                return null;
            (_closing, _told) = (true, true);
            Loop.Unregister(_socket.Number);
            return new SafeDescriptor(_socket.Detach());
        }
    }
}
