namespace TlsPool.Crypto.Tokens;

/// <summary>A key of the built-in store that is at hand: signs on the caller's thread in microseconds. Thread safe. The key cannot be taken out.</summary>
public interface ISigningKey
{
    /// <summary>What is known about it.</summary>
    KeyDescription Description { get; }

    /// <summary>Signs.</summary>
    /// <param name="scheme">IANA SignatureScheme number.</param>
    /// <param name="content">The bytes to hash and sign.</param>
    /// <returns>The signature in TLS form: DER for ECDSA, raw for the others.</returns>
    /// <exception cref="TokenException">The scheme does not fit the key, or the store was locked.</exception>
    byte[] Sign(int scheme, ReadOnlyMemory<byte> content);
}
