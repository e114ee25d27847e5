using System.Security.Cryptography;

namespace TlsPool.Crypto.Interop;

/// <summary>
/// HMAC (RFC 2104) on libcrypto's plain SHA-2 functions. A handshake computes some fifty over a few bytes each, and finding the algorithm
/// anew every time, as all newer interfaces do, takes several times as long as the hash.
/// </summary>
internal static unsafe class NativeHmac
{
    private const int MaxBlock = 128;
    private const int MaxHash = 48;

    /// <summary>Computes an HMAC.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="key">The key.</param>
    /// <param name="data">What is authenticated.</param>
    /// <param name="destination">As long as the hash, or longer.</param>
    /// <returns>Bytes of the HMAC.</returns>
    internal static int Compute(HashAlgorithmName hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        bool is256 = hash == HashAlgorithmName.SHA256;
        int block = is256 ? 64 : 128;
        if (key.Length > block || (!is256 && hash != HashAlgorithmName.SHA384))
            return CryptographicOperations.HmacData(hash, key, data, destination);
        int size = is256 ? 32 : MaxHash;
        Span<byte> padded = stackalloc byte[MaxBlock];
        Span<byte> inner = stackalloc byte[MaxHash];
        padded.Clear();
        key.CopyTo(padded);
        Mask(padded[..block], 0x36);
        Hash(is256, padded[..block], data, inner[..size]);
        Mask(padded[..block], 0x36 ^ 0x5c);
        Hash(is256, padded[..block], inner[..size], destination[..size]);
        CryptographicOperations.ZeroMemory(padded);
        CryptographicOperations.ZeroMemory(inner);
        return size;
    }

    private static void Mask(Span<byte> bytes, byte mask)
    {
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] ^= mask;
    }

    private static void Hash(bool is256, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> digest)
    {
        // The larger of SHA256_CTX (112 bytes) and SHA512_CTX (216), aligned.
        ulong* context = stackalloc ulong[27];
        fixed (byte* one = first, two = second, output = digest)
        {
            bool done = is256
                ? LibCrypto.SHA256_Init(context) == 1
                    && LibCrypto.SHA256_Update(context, one, (nuint)first.Length) == 1
                    && LibCrypto.SHA256_Update(context, two, (nuint)second.Length) == 1
                    && LibCrypto.SHA256_Final(output, context) == 1
                : LibCrypto.SHA384_Init(context) == 1
                    && LibCrypto.SHA384_Update(context, one, (nuint)first.Length) == 1
                    && LibCrypto.SHA384_Update(context, two, (nuint)second.Length) == 1
                    && LibCrypto.SHA384_Final(output, context) == 1;
            CryptographicOperations.ZeroMemory(new Span<byte>(context, 27 * sizeof(ulong)));
            if (!done)
                throw new CryptographicException("libcrypto does not hash");
        }
    }
}
