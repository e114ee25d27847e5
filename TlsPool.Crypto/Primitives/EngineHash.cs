using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Utilities;

namespace TlsPool.Crypto.Primitives;

/// <summary>A hash that holds on to nothing: BouncyCastle's own keeps the whole handshake alive, and a transcript may outlive it.</summary>
internal sealed class EngineHash(IDigest digest) : TlsHash
{
    public void Update(byte[] input, int inOff, int length) => digest.BlockUpdate(input, inOff, length);

    public void Update(ReadOnlySpan<byte> input) => digest.BlockUpdate(input);

    public byte[] CalculateHash()
    {
        byte[] hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);
        return hash;
    }

    public TlsHash CloneHash() => new EngineHash((IDigest)((IMemoable)digest).Copy());

    public void Reset() => digest.Reset();
}
