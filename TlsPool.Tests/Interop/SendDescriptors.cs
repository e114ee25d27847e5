using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TlsPool.Tests.Interop;

/// <summary>sendmsg with SCM_RIGHTS, as a C application would call it: any number of descriptors with any bytes.</summary>
internal static unsafe partial class SendDescriptors
{
    private const int SolSocket = 1;
    private const int ScmRights = 1;
    private const int MsgNoSignal = 0x4000;

    internal static void Send(Socket socket, ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> descriptors)
    {
        int controlLength = sizeof(ControlHeader) + descriptors.Length * sizeof(int);
        byte* control = stackalloc byte[controlLength + 8];
        var header = (ControlHeader*)control;
        *header = new ControlHeader { Length = (nuint)controlLength, Level = SolSocket, Type = ScmRights };
        descriptors.CopyTo(new Span<int>(control + sizeof(ControlHeader), descriptors.Length));
        fixed (byte* start = bytes)
        {
            var vector = new IoVector { Base = start, Length = (nuint)bytes.Length };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Length > 0)
            {
                message.Control = control;
                message.ControlLength = (nuint)((controlLength + 7) & ~7);
            }
            nint sent = sendmsg((int)socket.Handle, &message, MsgNoSignal);
            if (sent != bytes.Length)
                throw new SocketException(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int socket, MessageHeader* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        internal byte* Base;
        internal nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        internal void* Name;
        internal uint NameLength;
        internal IoVector* Vectors;
        internal nuint VectorCount;
        internal void* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        internal nuint Length;
        internal int Level;
        internal int Type;
    }
}
