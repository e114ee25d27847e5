using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>BouncyCastle's cryptography, except that handshake messages are tampered with before they are protected.</summary>
internal sealed class HostileCrypto(Tampering tampering) : BcTlsCrypto(new SecureRandom())
{
    public override TlsCipher CreateCipher(TlsCryptoParameters cryptoParams, int encryptionAlgorithm, int macAlgorithm) =>
        new HostileCipher(base.CreateCipher(cryptoParams, encryptionAlgorithm, macAlgorithm), tampering);

    private sealed class HostileCipher(TlsCipher honest, Tampering tampering) : TlsCipher
    {
        public bool UsesOpaqueRecordType => honest.UsesOpaqueRecordType;

        public int GetCiphertextDecodeLimit(int plaintextLimit) => honest.GetCiphertextDecodeLimit(plaintextLimit);

        public int GetCiphertextEncodeLimit(int plaintextLength, int plaintextLimit) =>
            honest.GetCiphertextEncodeLimit(plaintextLength, plaintextLimit);

        public int GetPlaintextLimit(int ciphertextLimit) => honest.GetPlaintextLimit(ciphertextLimit);

        public TlsEncodeResult EncodePlaintext(
            long seqNo, short contentType, ProtocolVersion recordVersion, int headerAllocation, byte[] plaintext, int offset, int len) =>
            EncodePlaintext(seqNo, contentType, recordVersion, headerAllocation, plaintext.AsSpan(offset, len));

        public TlsEncodeResult EncodePlaintext(
            long seqNo, short contentType, ProtocolVersion recordVersion, int headerAllocation, ReadOnlySpan<byte> plaintext)
        {
            byte[] sent = contentType == ContentType.handshake ? tampering.Apply(plaintext) : plaintext.ToArray();
            return honest.EncodePlaintext(seqNo, contentType, recordVersion, headerAllocation, sent, 0, sent.Length);
        }

        public TlsDecodeResult DecodeCiphertext(
            long seqNo, short recordType, ProtocolVersion recordVersion, byte[] ciphertext, int offset, int len) =>
            honest.DecodeCiphertext(seqNo, recordType, recordVersion, ciphertext, offset, len);

        public void RekeyDecoder() => honest.RekeyDecoder();

        public void RekeyEncoder() => honest.RekeyEncoder();
    }
}
