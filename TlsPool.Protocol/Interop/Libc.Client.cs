namespace TlsPool.Protocol.Interop;

/// <summary>What only the client library needs.</summary>
internal static unsafe partial class Libc
{
    internal const int SHUT_RDWR = 2;
}
