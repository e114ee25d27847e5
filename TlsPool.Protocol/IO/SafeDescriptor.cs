using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.IO;

/// <summary>A file descriptor with exactly one owner. Handing the object on hands the ownership on.</summary>
public sealed class SafeDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes ownership of an open descriptor.</summary>
    /// <param name="descriptor">A descriptor number, 0 or more.</param>
    public SafeDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number, for system calls made while this object is owned. -1 after <see cref="Detach"/>.</summary>
    public int Number => (int)handle;

    /// <summary>Gives up ownership without closing: the caller owns the returned number.</summary>
    public int Detach()
    {
        int number = (int)handle;
        SetHandleAsInvalid();
        handle = -1;
        return number;
    }

    /// <summary>A second descriptor for what a .NET socket refers to; the socket stays its owner's, and must have no operation pending.</summary>
    /// <exception cref="IOException">Out of descriptors.</exception>
    public static SafeDescriptor DuplicateOf(Socket socket) => DuplicateOf((int)socket.Handle);

    /// <summary>A second descriptor for the same thing.</summary>
    /// <exception cref="IOException">Out of descriptors.</exception>
    public SafeDescriptor Duplicate() => DuplicateOf(Number);

    private static SafeDescriptor DuplicateOf(int descriptor)
    {
        int number = Libc.fcntl(descriptor, Libc.F_DUPFD_CLOEXEC, 0);
        return number >= 0 ? new SafeDescriptor(number) : throw new IOException("no descriptors left: raise the limit of open files");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        SocketCalls.NeverLinger((int)handle);
        return Libc.close((int)handle) == 0;
    }
}
