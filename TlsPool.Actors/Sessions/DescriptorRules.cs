using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Sessions;

/// <summary>Which descriptors an application may pass. What counts is the socket itself, not what the request says about it.</summary>
internal static class DescriptorRules
{
    /// <summary>Checks the ciphertext side of a TLS session: a connected stream socket.</summary>
    internal static PoolFault? CheckCiphertext(SafeDescriptor descriptor) =>
        IsConnectedStream(descriptor, out string what)
            ? null
            : new PoolFault(PoolError.CipherSocketNeeded, $"the ciphertext descriptor is {what}: pass a connected stream socket");

    /// <summary>Checks the plaintext side: a connected stream socket, and not the one that the ciphertext goes through.</summary>
    /// <param name="descriptor">The plaintext side.</param>
    /// <param name="ciphertext">The kernel's number of the ciphertext's socket.</param>
    internal static PoolFault? CheckPlaintext(SafeDescriptor descriptor, ulong ciphertext) =>
        !IsConnectedStream(descriptor, out string what)
            ? new PoolFault(PoolError.PlainSocketNeeded, $"the plaintext descriptor is {what}: pass a connected stream socket")
        : ciphertext != 0 && SocketKind.Cookie(descriptor) == ciphertext
            ? new PoolFault(PoolError.PlainSocketNeeded, "the plaintext descriptor is the ciphertext's own socket: pass another one")
            : null;

    private static bool IsConnectedStream(SafeDescriptor descriptor, out string what)
    {
        SocketKind kind = SocketKind.Inspect(descriptor);
        what = !kind.IsSocket ? "no socket"
            : !kind.IsStream ? "not a stream socket"
            : kind.IsListening ? "a listening socket"
            : !kind.IsConnected ? "not connected"
            : "";
        return what.Length == 0;
    }
}
