using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <summary>One of the two sockets of a session: its descriptor, its readiness, and the bytes that it did not take yet. Loop thread only.</summary>
internal sealed class PumpSide(SafeDescriptor socket)
{
    private const Readiness Reading = Readiness.Readable | Readiness.PeerClosed;

    private PendingBytes _pending;
    private State _state;

    [Flags]
    private enum State : byte
    {
        Registered = 1,
        WatchesWritable = 2,
        Readable = 4,
        PeerClosed = 8,
        Gone = 16,
        Broken = 32,
        Blocked = 64,
        WriteEnded = 128,
    }

    internal int Number => socket.IsClosed ? -1 : socket.Number;

    /// <summary>Bytes or the end of the stream may be there to read.</summary>
    internal bool IsReadable => Has(State.Readable);

    /// <summary>The other end will send no more; what it sent may still be unread.</summary>
    internal bool PeerClosed => Has(State.PeerClosed);

    /// <summary>Both directions are over: the other end is closed.</summary>
    internal bool IsGone => Has(State.Gone);

    /// <summary>The socket reported an error.</summary>
    internal bool IsBroken => Has(State.Broken);

    /// <summary>The socket took less than it was given; an event will tell when it takes more.</summary>
    internal bool IsBlocked => Has(State.Blocked);

    /// <summary>This side's sending direction was shut down.</summary>
    internal bool WriteEnded => Has(State.WriteEnded);

    /// <summary>Bytes queued.</summary>
    internal int Pending => _pending.Length;

    /// <exception cref="IOException">The kernel cannot watch this descriptor.</exception>
    internal void Register(EventLoop loop, DescriptorHandler owner)
    {
        loop.Register(socket.Number, owner, Reading);
        _state |= State.Registered;
    }

    internal void Note(Readiness ready)
    {
        if ((ready & ~Readiness.Writable) != 0)
            _state |= State.Readable;
        if ((ready & (Readiness.PeerClosed | Readiness.HangUp | Readiness.Error)) != 0)
            _state |= State.PeerClosed;
        if ((ready & Readiness.HangUp) != 0)
            _state |= State.Gone;
        if ((ready & Readiness.Error) != 0)
            _state |= State.Broken;
        if ((ready & (Readiness.Writable | Readiness.HangUp | Readiness.Error)) != 0)
            _state &= ~State.Blocked;
    }

    /// <summary>Receives; results as in <see cref="SocketCalls"/>.</summary>
    internal int Receive(Span<byte> buffer) => Noted(SocketCalls.Receive(socket.Number, buffer), buffer.Length);

    /// <summary>Receives into slots; parameters and results as in <see cref="SocketCalls.ReceiveSlots"/>.</summary>
    internal int ReceiveSlots(Span<byte> area, int first, int stride, int size, int slots) =>
        Noted(SocketCalls.ReceiveSlots(socket.Number, area, first, stride, size, slots), size * slots);

    /// <summary>Sends in order behind what is queued, and queues what the socket does not take.</summary>
    /// <returns>False if the socket is broken.</returns>
    internal bool Send(EventLoop loop, DescriptorHandler owner, ReadOnlySpan<byte> bytes)
    {
        if (_pending.Length > 0)
        {
            _pending.Append(bytes);
            return Flush(loop, owner);
        }
        int sent = SocketCalls.Send(socket.Number, bytes);
        if (sent == SocketCalls.Failed)
            return false;
        ReadOnlySpan<byte> rest = bytes[Math.Max(sent, 0)..];
        if (rest.Length > 0)
        {
            _pending.Append(rest);
            Block(loop, owner);
        }
        return true;
    }

    /// <summary>Queues without sending: it goes with the next bytes, or with <see cref="Flush"/>.</summary>
    internal void Queue(ReadOnlySpan<byte> bytes) => _pending.Append(bytes);

    /// <summary>Moves what is queued, if it is short enough, to the front of a buffer, to go out with other bytes in one call.</summary>
    /// <returns>Bytes moved.</returns>
    internal int TakePending(Span<byte> buffer) => _pending.Take(buffer);

    /// <summary>Sends what is queued unless the socket is known to be full.</summary>
    /// <returns>False if the socket is broken.</returns>
    internal bool Flush(EventLoop loop, DescriptorHandler owner)
    {
        while (_pending.Length > 0 && !IsBlocked)
        {
            int sent = SocketCalls.Send(socket.Number, _pending.Bytes);
            if (sent == SocketCalls.Failed)
                return false;
            _pending.Skip(Math.Max(sent, 0));
            if (_pending.Length > 0)
                Block(loop, owner);
        }
        return true;
    }

    /// <summary>Tells the other end that no more bytes follow. Once; nothing may be queued.</summary>
    internal void EndWrite()
    {
        if (WriteEnded)
            return;
        _state |= State.WriteEnded;
        SocketCalls.ShutdownWrite(socket.Number);
    }

    /// <summary>Closes the socket and drops what is queued.</summary>
    /// <param name="loop">The loop it is registered with.</param>
    /// <param name="reset">The other end sees an error where the transport allows, not the end of data.</param>
    internal void Close(EventLoop loop, bool reset)
    {
        if (socket.IsClosed)
            return;
        if (Has(State.Registered))
            loop.Unregister(socket.Number);
        if (reset)
            SocketCalls.ResetOnClose(socket.Number);
        Abandon();
    }

    /// <summary>Closes a socket that is registered nowhere.</summary>
    internal void Abandon()
    {
        socket.Dispose();
        _pending.Clear();
    }

    private int Noted(int got, int wanted)
    {
        // Less than asked for: the socket is drained, and the next bytes are a new event. The end of the stream has no event of its own
        // once it was announced, so reading goes on until it is seen.
        if (got == SocketCalls.WouldBlock || (got < wanted && !PeerClosed))
            _state &= ~State.Readable;
        return got;
    }

    private void Block(EventLoop loop, DescriptorHandler owner)
    {
        _state |= State.Blocked;
        if (Has(State.WatchesWritable))
            return;
        _state |= State.WatchesWritable;
        loop.Modify(socket.Number, owner, Reading | Readiness.Writable);
    }

    private bool Has(State state) => (_state & state) != 0;
}
