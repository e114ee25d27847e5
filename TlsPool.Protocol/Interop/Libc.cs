using System.Runtime.InteropServices;

namespace TlsPool.Protocol.Interop;

/// <summary>System calls of Linux that .NET does not offer, as they are named there.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int close(int descriptor);
}
