namespace TlsPool.Crypto.Records;

/// <summary>Removes protection from incoming records of one direction, in place. Not thread safe: the session's loop owns it.</summary>
public abstract class RecordOpener : IDisposable
{
    /// <summary>Opens one whole record in place.</summary>
    /// <param name="record">Header and body, exactly one record.</param>
    /// <returns>Where the content is now, and its type.</returns>
    /// <exception cref="RecordException">Wrong tag, length or type: send its alert and end the session.</exception>
    public abstract OpenedRecord Open(Span<byte> record);

    /// <summary>Moves to the next traffic secret (RFC 8446 section 7.2). TLS 1.3 only.</summary>
    /// <exception cref="InvalidOperationException">TLS 1.2.</exception>
    public abstract void UpdateKeys();

    /// <summary>The key of a Finished under the current traffic secret (RFC 8446 section 4.4.4). TLS 1.3 only.</summary>
    /// <exception cref="InvalidOperationException">TLS 1.2.</exception>
    internal virtual byte[] FinishedKey() => throw new InvalidOperationException("TLS 1.2 has no traffic secret");

    /// <inheritdoc/>
    public abstract void Dispose();
}
