using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TlsPool.Crypto.Records;

/// <summary>A TLS 1.3 application traffic secret of one direction, and what follows from it (RFC 8446 sections 7.1 to 7.3).</summary>
internal sealed class TrafficSecret : IDisposable
{
    private readonly CipherSuiteInfo _suite;
    private readonly byte[] _secret;

    internal TrafficSecret(CipherSuiteInfo suite, ReadOnlySpan<byte> secret) => (_suite, _secret) = (suite, secret.ToArray());

    /// <summary>HKDF-Expand-Label with an empty or given context.</summary>
    internal static void ExpandLabel(
        HashAlgorithmName hash, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        ReadOnlySpan<byte> prefix = "tls13 "u8;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context.Length, byte.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefix.Length + label.Length, byte.MaxValue);
        Span<byte> info = stackalloc byte[4 + 255 + 255];
        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)output.Length);
        info[2] = (byte)(prefix.Length + label.Length);
        prefix.CopyTo(info[3..]);
        label.CopyTo(info[(3 + prefix.Length)..]);
        int end = 3 + prefix.Length + label.Length;
        info[end] = (byte)context.Length;
        context.CopyTo(info[(end + 1)..]);
        HkdfExpansion.Expand(hash, secret, info[..(end + 1 + context.Length)], output);
    }

    internal Aead MakeKey()
    {
        Span<byte> key = stackalloc byte[_suite.KeySize];
        Span<byte> iv = stackalloc byte[Aead.NonceSize];
        try
        {
            ExpandLabel(_suite.Hash, _secret, "key"u8, default, key);
            ExpandLabel(_suite.Hash, _secret, "iv"u8, default, iv);
            return new Aead(_suite.Cipher, key, iv);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(iv);
        }
    }

    /// <summary>Replaces the secret by the next generation's.</summary>
    internal void Advance()
    {
        Span<byte> next = stackalloc byte[_secret.Length];
        ExpandLabel(_suite.Hash, _secret, "traffic upd"u8, default, next);
        next.CopyTo(_secret);
        CryptographicOperations.ZeroMemory(next);
    }

    /// <summary>The key of a Finished (RFC 8446 section 4.4.4).</summary>
    internal byte[] FinishedKey()
    {
        byte[] key = new byte[_secret.Length];
        ExpandLabel(_suite.Hash, _secret, "finished"u8, default, key);
        return key;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);
}
