namespace TlsPool.Crypto.Records;

/// <summary>
/// Protects outgoing records of one direction, in place (RFC 8446 section 5.2, RFC 5246 section 6.2.3). Layout of a record buffer:
/// header (<see cref="HeaderSize"/>), <see cref="PrefixSize"/> bytes this class fills, content, <see cref="SuffixSize"/> bytes of room.
/// Not thread safe: the session's loop owns it.
/// </summary>
public abstract class RecordSealer : IDisposable
{
    /// <summary>Record header: type, version, length.</summary>
    public const int HeaderSize = 5;

    /// <summary>Most content bytes of one record.</summary>
    public const int MaxContent = 16384;

    /// <summary>Largest value of <see cref="PrefixSize"/> of any suite.</summary>
    public const int MaxPrefix = 16;

    /// <summary>Largest value of <see cref="SuffixSize"/> of any suite.</summary>
    public const int MaxSuffix = 64;

    /// <summary>Bytes between header and content (explicit nonce or IV), 0 in TLS 1.3.</summary>
    public abstract int PrefixSize { get; }

    /// <summary>Room needed behind the content (type, padding, tag).</summary>
    public abstract int SuffixSize { get; }

    /// <summary>True when so much was sealed under one key that it should be updated (TLS 1.3) or the session ended (TLS 1.2).</summary>
    public abstract bool IsExhausted { get; }

    /// <summary>
    /// Blocks of AES that one key of TLS 1.2 protects, which has no key update: as many as the records that RFC 8446 section 5.5 allows have
    /// at their largest. Counted in volume, because a session of many small records is far from what makes this dangerous.
    /// </summary>
    internal const long BlocksPerKey12 = (1L << 24) * (MaxContent / AesBlock);

    private const int AesBlock = 16;

    /// <summary>Blocks of AES that a record takes, with one for its own.</summary>
    internal static long Blocks(int contentLength) => 1 + ((contentLength + AesBlock - 1) / AesBlock);

    /// <summary>Seals one record in place.</summary>
    /// <param name="record">The record buffer; content already at <c>HeaderSize + PrefixSize</c>.</param>
    /// <param name="contentLength">0 to <see cref="MaxContent"/>.</param>
    /// <param name="type">Type of the content.</param>
    /// <returns>Size of the whole record.</returns>
    public abstract int Seal(Span<byte> record, int contentLength, ContentType type);

    /// <summary>Moves to the next traffic secret (RFC 8446 section 7.2). TLS 1.3 only.</summary>
    /// <exception cref="InvalidOperationException">TLS 1.2.</exception>
    public abstract void UpdateKeys();

    /// <summary>The key of a Finished under the current traffic secret (RFC 8446 section 4.4.4). TLS 1.3 only.</summary>
    /// <exception cref="InvalidOperationException">TLS 1.2.</exception>
    internal virtual byte[] FinishedKey() => throw new InvalidOperationException("TLS 1.2 has no traffic secret");

    /// <inheritdoc/>
    public abstract void Dispose();
}
