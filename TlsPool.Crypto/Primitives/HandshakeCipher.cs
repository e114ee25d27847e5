using System.Buffers.Binary;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Primitives;

/// <summary>
/// AEAD protection of records inside a handshake, native, behind BouncyCastle's record layer. Keeps the key block of TLS 1.2, from which the
/// session's own protection is made.
/// </summary>
internal sealed class HandshakeCipher : TlsCipher, TlsCipherExt, IDisposable
{
    private readonly EngineCrypto _crypto;
    private readonly TlsCryptoParameters _parameters;
    private readonly bool _is13;
    private readonly bool _explicitNonce;
    private Direction _encoder;
    private Direction _decoder;

    internal HandshakeCipher(EngineCrypto crypto, TlsCryptoParameters parameters, BulkCipher cipher, int keySize)
    {
        (_crypto, _parameters) = (crypto, parameters);
        _is13 = TlsUtilities.IsTlsV13(parameters.SecurityParameters.NegotiatedVersion);
        _explicitNonce = !_is13 && cipher == BulkCipher.AesGcm;
        if (_is13)
        {
            RekeyDecoder();
            RekeyEncoder();
            return;
        }
        KeyBlock = KeyBlock12.Derive(parameters, keySize, _explicitNonce ? 4 : Aead.NonceSize, macKeySize: 0);
        bool server = parameters.IsServer;
        _encoder = new Direction(new Aead(cipher, KeyBlock.Key(server), KeyBlock.Iv(server)));
        _decoder = new Direction(new Aead(cipher, KeyBlock.Key(!server), KeyBlock.Iv(!server)));
    }

    /// <summary>Keys of TLS 1.2; null in TLS 1.3.</summary>
    internal KeyBlock12? KeyBlock { get; }

    public bool UsesOpaqueRecordType => _is13;

    private int Overhead => Aead.TagSize + (_explicitNonce ? 8 : 0) + (_is13 ? 1 : 0);

    public int GetCiphertextDecodeLimit(int plaintextLimit) => plaintextLimit + Overhead;

    public int GetCiphertextEncodeLimit(int plaintextLength, int plaintextLimit) => Math.Min(plaintextLength, plaintextLimit) + Overhead;

    public int GetPlaintextLimit(int ciphertextLimit) => ciphertextLimit - Overhead;

    public int GetPlaintextDecodeLimit(int ciphertextLimit) => ciphertextLimit - Overhead;

    public int GetPlaintextEncodeLimit(int ciphertextLimit) => ciphertextLimit - Overhead;

    public TlsEncodeResult EncodePlaintext(
        long seqNo, short contentType, ProtocolVersion recordVersion, int headerAllocation, byte[] plaintext, int offset, int len) =>
        EncodePlaintext(seqNo, contentType, recordVersion, headerAllocation, plaintext.AsSpan(offset, len));

    public TlsEncodeResult EncodePlaintext(
        long seqNo, short contentType, ProtocolVersion recordVersion, int headerAllocation, ReadOnlySpan<byte> plaintext)
    {
        byte[] output = new byte[headerAllocation + plaintext.Length + Overhead];
        Span<byte> body = output.AsSpan(headerAllocation);
        int prefix = _explicitNonce ? 8 : 0;
        int inner = plaintext.Length + (_is13 ? 1 : 0);
        plaintext.CopyTo(body[prefix..]);
        if (_is13)
            body[inner - 1] = (byte)contentType;
        Aead encoder = _encoder.Key;
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        if (_explicitNonce)
        {
            BinaryPrimitives.WriteInt64BigEndian(body, seqNo);
            encoder.ExplicitNonce(nonce, body[..8]);
        }
        else
        {
            encoder.XorNonce(nonce, (ulong)seqNo);
        }
        short recordType = _is13 ? Org.BouncyCastle.Tls.ContentType.application_data : contentType;
        Span<byte> additional = stackalloc byte[Tls12AdditionalData.Size];
        additional = AdditionalData(additional, seqNo, recordType, _is13 ? body.Length : plaintext.Length);
        encoder.Encrypt(nonce, body.Slice(prefix, inner), body[^Aead.TagSize..], additional);
        return new TlsEncodeResult(output, 0, output.Length, recordType);
    }

    public TlsDecodeResult DecodeCiphertext(long seqNo, short recordType, ProtocolVersion recordVersion, byte[] ciphertext, int offset, int len)
    {
        int prefix = _explicitNonce ? 8 : 0;
        int inner = len - prefix - Aead.TagSize;
        if (inner < (_is13 ? 1 : 0))
            throw new TlsFatalAlert(AlertDescription.decode_error);
        Span<byte> body = ciphertext.AsSpan(offset, len);
        Aead decoder = _decoder.Key;
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        if (_explicitNonce)
            decoder.ExplicitNonce(nonce, body[..8]);
        else
            decoder.XorNonce(nonce, (ulong)seqNo);
        Span<byte> additional = stackalloc byte[Tls12AdditionalData.Size];
        additional = AdditionalData(additional, seqNo, recordType, _is13 ? len : inner);
        Span<byte> content = body.Slice(prefix, inner);
        try
        {
            decoder.Decrypt(nonce, content, body[^Aead.TagSize..], additional);
        }
        catch (RecordException)
        {
            throw new TlsFatalAlert(AlertDescription.bad_record_mac);
        }
        if (!_is13)
            return new TlsDecodeResult(ciphertext, offset + prefix, inner, recordType);
        int end = content.LastIndexOfAnyExcept((byte)0);
        return end < 0
            ? throw new TlsFatalAlert(AlertDescription.unexpected_message)
            : new TlsDecodeResult(ciphertext, offset, end, content[end]);
    }

    /// <summary>True if a record, header included, is what the peer sealed under a sequence number.</summary>
    internal bool Opens(long sequence, ReadOnlySpan<byte> record)
    {
        byte[] body = record[RecordHeader.Size..].ToArray();
        try
        {
            DecodeCiphertext(sequence, record[0], ProtocolVersion.TLSv12, body, 0, body.Length);
            return true;
        }
        catch (TlsFatalAlert)
        {
            return false;
        }
    }

    public void RekeyDecoder() => Rekey(ref _decoder, ofServer: !_parameters.IsServer);

    public void RekeyEncoder() => Rekey(ref _encoder, ofServer: _parameters.IsServer);

    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
        KeyBlock?.Dispose();
    }

    private void Rekey(ref Direction direction, bool ofServer)
    {
        SecurityParameters security = _parameters.SecurityParameters;
        byte[] secret = _crypto.Copy(ofServer ? security.TrafficSecretServer : security.TrafficSecretClient);
        direction.Dispose();
        direction = new Direction(new TrafficSecret(CipherSuiteInfo.For(security.CipherSuite), secret));
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
    }

    private Span<byte> AdditionalData(Span<byte> buffer, long sequence, short type, int length)
    {
        if (!_is13)
        {
            Tls12AdditionalData.Write(buffer, (ulong)sequence, (Records.ContentType)type, length);
            return buffer;
        }
        RecordHeader.Write(buffer, (Records.ContentType)type, length);
        return buffer[..RecordHeader.Size];
    }

    /// <summary>
    /// The key of one direction. In TLS 1.3 it is made when a record needs it: those of the application phase never do, because the
    /// session's own protection takes over.
    /// </summary>
    private struct Direction : IDisposable
    {
        private readonly TrafficSecret? _secret;
        private Aead? _key;

        internal Direction(Aead key) => _key = key;

        internal Direction(TrafficSecret secret) => _secret = secret;

        internal Aead Key => _key ??= _secret!.MakeKey();

        public readonly void Dispose()
        {
            _key?.Dispose();
            _secret?.Dispose();
        }
    }
}
