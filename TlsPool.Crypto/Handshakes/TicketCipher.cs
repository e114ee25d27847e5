using System.Security.Cryptography;

namespace TlsPool.Crypto.Handshakes;

/// <summary>AES-256-GCM under a ticket key, for several threads. Once disposed of it does nothing more, which is no error: a key may go at any time.</summary>
internal sealed class TicketCipher : IDisposable
{
    internal const int NonceSize = 12;
    internal const int TagSize = 16;

    private readonly Lock _lock = new();
    private readonly AesGcm _cipher;
    private bool _disposed;

    /// <summary>Takes a key over.</summary>
    internal TicketCipher(TicketKey key) => (Key, _cipher) = (key, new AesGcm(key.Secret, TagSize));

    internal TicketKey Key { get; }

    /// <summary>Encrypts in place; false if the key is gone.</summary>
    internal bool TryEncrypt(ReadOnlySpan<byte> nonce, Span<byte> body, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        lock (_lock)
        {
            if (_disposed)
                return false;
            _cipher.Encrypt(nonce, body, body, tag, associated);
            return true;
        }
    }

    /// <summary>Decrypts; false if the key is gone, or this was not encrypted with it.</summary>
    internal bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> body, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> associated)
    {
        try
        {
            lock (_lock)
            {
                if (_disposed)
                    return false;
                _cipher.Decrypt(nonce, body, tag, plain, associated);
                return true;
            }
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <summary>Waits for whoever works with it, and overwrites the secret.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _cipher.Dispose();
            Key.Dispose();
        }
    }
}
