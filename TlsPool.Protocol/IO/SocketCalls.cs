using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.IO;

/// <summary>
/// Non-blocking calls on sockets whose description may be shared with another process: MSG_DONTWAIT instead of O_NONBLOCK. Results are
/// byte counts, or <see cref="WouldBlock"/> or <see cref="Failed"/>. The caller owns the descriptor for the time of the call.
/// </summary>
public static unsafe class SocketCalls
{
    /// <summary>Nothing can be done now; an edge will tell when.</summary>
    public const int WouldBlock = -1;

    /// <summary>The socket is broken.</summary>
    public const int Failed = -2;

    private const int MaxSlots = 16;

    /// <summary>Receives up to the size of a buffer; 0 is the end of the stream.</summary>
    public static int Receive(int socket, Span<byte> buffer) => Receive(socket, buffer, 0);

    /// <summary>Looks at what <see cref="Receive(int, Span{byte})"/> would give, and leaves it there.</summary>
    public static int Peek(int socket, Span<byte> buffer) => Receive(socket, buffer, Libc.MSG_PEEK);

    private static int Receive(int socket, Span<byte> buffer, int flags)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint got = Libc.recv(socket, start, (nuint)buffer.Length, Libc.MSG_DONTWAIT | flags);
                if (got >= 0 || Libc.LastError != Libc.EINTR)
                    return Result(got);
            }
        }
    }

    /// <summary>Receives into equal slots of an area, filling one after the other; 0 is the end of the stream.</summary>
    /// <param name="socket">A stream socket.</param>
    /// <param name="area">Holds all slots.</param>
    /// <param name="first">Offset of the first slot.</param>
    /// <param name="stride">Distance between two slots.</param>
    /// <param name="size">Bytes of a slot.</param>
    /// <param name="slots">1 to 16.</param>
    public static int ReceiveSlots(int socket, Span<byte> area, int first, int stride, int size, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, MaxSlots);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + ((slots - 1) * stride) + size, area.Length);
        Libc.IoVector* vectors = stackalloc Libc.IoVector[MaxSlots];
        fixed (byte* start = area)
        {
            for (int i = 0; i < slots; i++)
                vectors[i] = new Libc.IoVector { Base = start + first + (i * stride), Length = (nuint)size };
            var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)slots };
            while (true)
            {
                nint got = Libc.recvmsg(socket, &message, Libc.MSG_DONTWAIT);
                if (got >= 0 || Libc.LastError != Libc.EINTR)
                    return Result(got);
            }
        }
    }

    /// <summary>Sends what the socket takes of a buffer.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint sent = Libc.send(socket, start, (nuint)buffer.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
                if (sent >= 0 || Libc.LastError != Libc.EINTR)
                    return Result(sent);
            }
        }
    }

    /// <summary>Ends the sending direction. A socket whose peer is gone already is no error.</summary>
    public static void ShutdownWrite(int socket) => _ = Libc.shutdown(socket, Libc.SHUT_WR);

    /// <summary>Makes the coming close a reset where the protocol has one (TCP): the reader sees an error, not the end of data.</summary>
    public static void ResetOnClose(int socket)
    {
        long linger = 1; // struct linger { l_onoff = 1, l_linger = 0 }
        _ = Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_LINGER, &linger, sizeof(long));
    }

    /// <summary>
    /// Takes back a wish of the socket's former owner (SO_LINGER) that the last close waits until everything is sent: it would hold up a
    /// whole loop for one peer that does not read. A reset on close stays.
    /// </summary>
    internal static void NeverLinger(int descriptor)
    {
        long linger = 0; // struct linger { l_onoff, l_linger }
        uint length = sizeof(long);
        if (Libc.getsockopt(descriptor, Libc.SOL_SOCKET, Libc.SO_LINGER, &linger, &length) != 0 || (int)linger == 0 || linger >> 32 == 0)
            return;
        linger = 0;
        _ = Libc.setsockopt(descriptor, Libc.SOL_SOCKET, Libc.SO_LINGER, &linger, sizeof(long));
    }

    /// <summary>Sends small writes at once (TCP_NODELAY); other sockets are left alone.</summary>
    public static void DisableDelay(int socket)
    {
        int on = 1;
        _ = Libc.setsockopt(socket, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, &on, sizeof(int));
    }

    private static int Result(nint count) =>
        count >= 0 ? (int)count : Libc.LastError == Libc.EAGAIN ? WouldBlock : Failed;
}
