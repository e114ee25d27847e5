using System.Security.Cryptography;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl;

namespace TlsPool.Crypto.Primitives;

/// <summary>The key block of TLS 1.2 (RFC 5246 section 6.3): MAC keys, keys and IVs of client and server.</summary>
internal sealed class KeyBlock12 : IDisposable
{
    private readonly byte[] _block;
    private readonly int _macSize;
    private readonly int _keySize;
    private readonly int _ivSize;

    private KeyBlock12(byte[] block, int macSize, int keySize, int ivSize) =>
        (_block, _macSize, _keySize, _ivSize) = (block, macSize, keySize, ivSize);

    internal static KeyBlock12 Derive(TlsCryptoParameters parameters, int keySize, int ivSize, int macKeySize) =>
        new(TlsImplUtilities.CalculateKeyBlock(parameters, 2 * (macKeySize + keySize + ivSize)), macKeySize, keySize, ivSize);

    internal ReadOnlySpan<byte> Mac(bool server) => _block.AsSpan(server ? _macSize : 0, _macSize);

    internal ReadOnlySpan<byte> Key(bool server) => _block.AsSpan((2 * _macSize) + (server ? _keySize : 0), _keySize);

    internal ReadOnlySpan<byte> Iv(bool server) => _block.AsSpan((2 * (_macSize + _keySize)) + (server ? _ivSize : 0), _ivSize);

    public void Dispose() => CryptographicOperations.ZeroMemory(_block);
}
