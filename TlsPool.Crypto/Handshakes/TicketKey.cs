using System.Security.Cryptography;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// A key that protects session tickets (RFC 5077 section 4, RFC 8446 section 4.6.1), in the form in which nodes of a cluster pass it on. Has
/// a secret: it belongs on encrypted connections between nodes only, and has no text form. Whoever has one disposes of it.
/// </summary>
public sealed class TicketKey : IDisposable
{
    /// <summary>Length of a secret in bytes: AES-256.</summary>
    public const int SecretSize = 32;

    private readonly byte[] _secret;
    private volatile bool _disposed;

    /// <summary>Makes a key; the secret is copied into memory that the garbage collector does not move.</summary>
    /// <param name="name">What a ticket says to name its key; any number.</param>
    /// <param name="secret">The secret: <see cref="SecretSize"/> bytes.</param>
    /// <param name="made">When it was made.</param>
    /// <param name="sealsFrom">From when on tickets are made with it; it may open tickets at any time.</param>
    /// <exception cref="ArgumentException">The secret has another length.</exception>
    public TicketKey(ulong name, ReadOnlySpan<byte> secret, DateTimeOffset made, DateTimeOffset sealsFrom)
    {
        if (secret.Length != SecretSize)
            throw new ArgumentException($"the secret of a ticket key has {SecretSize} bytes, not {secret.Length}", nameof(secret));
        (Name, Made, SealsFrom, _secret) = (name, made, sealsFrom, PinnedBytes.CopyOf(secret));
    }

    /// <summary>What a ticket says to name its key.</summary>
    public ulong Name { get; }

    /// <summary>When it was made, by the clock of its maker; whole milliseconds if a <see cref="TicketKeyRing"/> made it.</summary>
    public DateTimeOffset Made { get; }

    /// <summary>From when on tickets are made with it; whole milliseconds if a <see cref="TicketKeyRing"/> made it.</summary>
    public DateTimeOffset SealsFrom { get; }

    /// <summary>The secret: <see cref="SecretSize"/> bytes; none after <see cref="Dispose"/>, which also overwrites what was given out.</summary>
    public ReadOnlySpan<byte> Secret => _disposed ? [] : _secret;

    /// <summary>Overwrites the secret.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secret);
    }

    /// <summary>Says nothing of what it is: even a name would help to tell whose tickets are whose.</summary>
    public override string ToString() => "ticket key";
}
