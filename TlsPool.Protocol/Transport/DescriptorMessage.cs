using TlsPool.Protocol.IO;
using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.Transport;

/// <summary>Bytes with descriptors over a UNIX stream socket (SCM_RIGHTS).</summary>
internal static unsafe class DescriptorMessage
{
    /// <summary>The kernel passes at most SCM_MAX_FD = 253 descriptors with one message; room for all, so that none is dropped silently.</summary>
    private const int MaxDescriptors = 253;

    private const int ControlSize = 16 + (MaxDescriptors * sizeof(int)) + 16;

    /// <summary>What one call received.</summary>
    /// <param name="Bytes">Bytes, 0 at the end of the stream, or <see cref="SocketCalls.WouldBlock"/> or <see cref="SocketCalls.Failed"/>.</param>
    /// <param name="Descriptor">The first descriptor, or null. The further ones were closed.</param>
    /// <param name="Surplus">True if there were further ones.</param>
    /// <param name="Truncated">True if the kernel dropped some (MSG_CTRUNC).</param>
    internal readonly record struct Received(int Bytes, SafeDescriptor? Descriptor, bool Surplus, bool Truncated);

    internal static Received Receive(int socket, Span<byte> buffer)
    {
        byte* control = stackalloc byte[ControlSize];
        fixed (byte* start = buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)buffer.Length };
            while (true)
            {
                var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlSize };
                nint got = Libc.recvmsg(socket, &message, Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC);
                if (got >= 0)
                    return Collect((int)got, in message);
                int error = Libc.LastError;
                if (error != Libc.EINTR)
                    return new Received(error == Libc.EAGAIN ? SocketCalls.WouldBlock : SocketCalls.Failed, null, false, false);
            }
        }
    }

    /// <summary>Sends bytes, with the descriptor if there is one; results as in <see cref="SocketCalls"/>.</summary>
    internal static int Send(int socket, ReadOnlySpan<byte> bytes, SafeDescriptor? descriptor)
    {
        byte* control = stackalloc byte[24];
        fixed (byte* start = bytes)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)bytes.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptor is not null)
            {
                *(Libc.ControlHeader*)control = new Libc.ControlHeader { Length = 20, Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS };
                *(int*)(control + 16) = descriptor.Number;
                message.Control = control;
                message.ControlLength = 24;
            }
            while (true)
            {
                nint sent = Libc.sendmsg(socket, &message, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
                if (sent >= 0)
                    return (int)sent;
                int error = Libc.LastError;
                if (error != Libc.EINTR)
                    return error == Libc.EAGAIN ? SocketCalls.WouldBlock : SocketCalls.Failed;
            }
        }
    }

    private static Received Collect(int bytes, in Libc.MessageHeader message)
    {
        SafeDescriptor? first = null;
        bool surplus = false;
        for (nuint offset = 0; offset + (nuint)sizeof(Libc.ControlHeader) <= message.ControlLength;)
        {
            var header = (Libc.ControlHeader*)((byte*)message.Control + offset);
            if (header->Length < (nuint)sizeof(Libc.ControlHeader))
                break;
            if (header->Level == Libc.SOL_SOCKET && header->Type == Libc.SCM_RIGHTS)
            {
                int count = (int)((header->Length - (nuint)sizeof(Libc.ControlHeader)) / sizeof(int));
                var numbers = new ReadOnlySpan<int>(header + 1, count);
                foreach (int number in numbers)
                {
                    if (first is null)
                    {
                        first = new SafeDescriptor(number);
                        continue;
                    }
                    surplus = true;
                    new SafeDescriptor(number).Dispose();
                }
            }
            offset += (header->Length + 7) & ~(nuint)7;
        }
        return new Received(bytes, first, surplus, (message.Flags & Libc.MSG_CTRUNC) != 0);
    }
}
