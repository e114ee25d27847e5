using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TlsPool.Crypto.Records;

/// <summary>One AEAD key with its IV, for one direction.</summary>
internal sealed class Aead : IDisposable
{
    internal const int TagSize = 16;
    internal const int NonceSize = 12;

    private readonly AesGcm? _gcm;
    private readonly ChaCha20Poly1305? _chaCha;
    private UInt128 _iv;

    internal Aead(BulkCipher cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv)
    {
        if (cipher == BulkCipher.AesGcm)
            _gcm = new AesGcm(key, TagSize);
        else
            _chaCha = new ChaCha20Poly1305(key);
        Span<byte> padded = stackalloc byte[16];
        padded.Clear();
        iv.CopyTo(padded[4..]);
        _iv = BinaryPrimitives.ReadUInt128BigEndian(padded);
    }

    /// <summary>The nonce of RFC 8446 section 5.3 and RFC 7905: the IV with the sequence number xored in.</summary>
    internal void XorNonce(Span<byte> nonce, ulong sequence)
    {
        Span<byte> padded = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(padded, _iv ^ sequence);
        padded[4..].CopyTo(nonce);
    }

    /// <summary>The nonce of RFC 5288: four fixed bytes (the start of the IV) and eight explicit ones.</summary>
    internal void ExplicitNonce(Span<byte> nonce, ReadOnlySpan<byte> explicitPart)
    {
        XorNonce(nonce, 0);
        explicitPart.CopyTo(nonce[4..]);
    }

    internal void Encrypt(ReadOnlySpan<byte> nonce, Span<byte> content, Span<byte> tag, ReadOnlySpan<byte> additional)
    {
        if (_gcm is not null)
            _gcm.Encrypt(nonce, content, content, tag, additional);
        else
            _chaCha!.Encrypt(nonce, content, content, tag, additional);
    }

    /// <exception cref="RecordException">The tag is wrong.</exception>
    internal void Decrypt(ReadOnlySpan<byte> nonce, Span<byte> content, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> additional)
    {
        try
        {
            if (_gcm is not null)
                _gcm.Decrypt(nonce, content, tag, content, additional);
            else
                _chaCha!.Decrypt(nonce, content, tag, content, additional);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new RecordException(AlertCode.BadRecordMac, "a record was damaged or forged on its way");
        }
    }

    public void Dispose()
    {
        _gcm?.Dispose();
        _chaCha?.Dispose();
        _iv = 0;
    }
}
