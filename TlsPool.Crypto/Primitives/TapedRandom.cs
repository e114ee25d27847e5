using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls.Crypto;

namespace TlsPool.Crypto.Primitives;

/// <summary>The operating system's randomness, by way of a <see cref="HandshakeTape"/>.</summary>
internal sealed class TapedRandom(HandshakeTape tape) : TlsNonceGenerator, IRandomGenerator
{
    internal SecureRandom AsSecureRandom() => new(this);

    public byte[] GenerateNonce(int size) => tape.NextRandom(size);

    public void NextBytes(byte[] bytes) => NextBytes(bytes.AsSpan());

    public void NextBytes(byte[] bytes, int start, int len) => NextBytes(bytes.AsSpan(start, len));

    public void NextBytes(Span<byte> bytes) => tape.NextRandom(bytes.Length).CopyTo(bytes);

    public void AddSeedMaterial(byte[] seed)
    {
        // The operating system needs none.
    }

    public void AddSeedMaterial(ReadOnlySpan<byte> seed)
    {
        // The operating system needs none.
    }

    public void AddSeedMaterial(long seed)
    {
        // The operating system needs none.
    }
}
