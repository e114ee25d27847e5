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

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
