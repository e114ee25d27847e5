using System.Security.Cryptography;
using TlsPool.Crypto.Interop;

namespace TlsPool.Crypto.Records;

/// <summary>
/// HKDF-Expand (RFC 5869 section 2.3). A handshake expands some thirty times, nearly always to one block: the platform's own, which sets up
/// a derivation context each time, takes several times as long.
/// </summary>
internal static class HkdfExpansion
{
    private const int MaxHash = 64;
    private const int MaxInfo = 4 + 255 + 255;

    /// <summary>Expands a pseudo-random key.</summary>
    /// <param name="hash">The hash; its HMAC is used.</param>
    /// <param name="key">Pseudo-random key.</param>
    /// <param name="info">Context, 0 to 514 bytes.</param>
    /// <param name="output">Filled; at most 255 blocks.</param>
    internal static void Expand(HashAlgorithmName hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> info, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(info.Length, MaxInfo);
        Span<byte> input = stackalloc byte[MaxHash + MaxInfo + 1];
        Span<byte> block = stackalloc byte[MaxHash];
        int size = 0;
        for (byte counter = 1; !output.IsEmpty; counter = checked((byte)(counter + 1)))
        {
            block[..size].CopyTo(input);
            info.CopyTo(input[size..]);
            input[size + info.Length] = counter;
            size = NativeHmac.Compute(hash, key, input[..(size + info.Length + 1)], block);
            int count = Math.Min(size, output.Length);
            block[..count].CopyTo(output);
            output = output[count..];
        }
        CryptographicOperations.ZeroMemory(block);
        CryptographicOperations.ZeroMemory(input);
    }
}
