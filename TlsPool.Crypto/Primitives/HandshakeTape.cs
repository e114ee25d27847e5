using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TlsPool.Crypto.Primitives;

/// <summary>
/// The random choices of one handshake, so that it can run again on the same input with the same output (design/architecture.md,
/// "Asynchronous answers"). The live key agreements stay here too: TLS 1.2 uses them before and after its questions.
/// </summary>
internal sealed class HandshakeTape
{
    /// <summary>No honest handshake draws more often.</summary>
    private const int MaxDraws = 256;

    private readonly List<byte[]> _random = [];
    private readonly List<Agreement> _agreements = [];
    private int _nextRandom;
    private int _nextAgreement;

    /// <summary>Back to the start: the next run gets the same values.</summary>
    internal void Rewind() => (_nextRandom, _nextAgreement) = (0, 0);

    /// <summary>The next random bytes, always a copy.</summary>
    internal byte[] NextRandom(int count)
    {
        if (_nextRandom == MaxDraws)
            throw new TlsFatalAlert(AlertDescription.internal_error);
        if (_nextRandom == _random.Count)
            _random.Add(RandomNumberGenerator.GetBytes(count));
        byte[] value = _random[_nextRandom++];
        return value.Length == count ? value.AsSpan().ToArray() : throw new InvalidOperationException("the handshake took another way");
    }

    /// <summary>The next agreement; made by the factory in the first run.</summary>
    internal TlsAgreement NextAgreement(EngineCrypto crypto, Func<TlsAgreement> make)
    {
        if (_nextAgreement == MaxDraws)
            throw new TlsFatalAlert(AlertDescription.internal_error);
        if (_nextAgreement == _agreements.Count)
            _agreements.Add(new Agreement { Live = make() });
        return new TapedAgreement(crypto, _agreements[_nextAgreement++]);
    }

    /// <summary>Clears what is secret.</summary>
    internal void Clear()
    {
        foreach (byte[] value in _random)
            CryptographicOperations.ZeroMemory(value);
        foreach (Agreement agreement in _agreements)
            if (agreement.Secret is not null)
                CryptographicOperations.ZeroMemory(agreement.Secret);
        _random.Clear();
        _agreements.Clear();
    }

    private sealed class Agreement
    {
        internal required TlsAgreement Live { get; init; }

        internal byte[]? Public { get; set; }

        internal byte[]? Secret { get; set; }

        internal bool HasPeer { get; set; }
    }

    private sealed class TapedAgreement(EngineCrypto crypto, Agreement kept) : TlsAgreement
    {
        public byte[] GenerateEphemeral() => (kept.Public ??= kept.Live.GenerateEphemeral()).AsSpan().ToArray();

        public void ReceivePeerValue(byte[] peerValue)
        {
            if (kept.HasPeer)
                return;
            kept.Live.ReceivePeerValue(peerValue);
            kept.HasPeer = true;
        }

        public TlsSecret CalculateSecret()
        {
            kept.Secret ??= kept.Live.CalculateSecret().Extract();
            return crypto.CreateSecret(kept.Secret.AsSpan().ToArray());
        }
    }
}
