namespace TlsPool.Crypto.Records;

/// <summary>Makes record protection from what a handshake negotiated.</summary>
public static class RecordProtection
{
    /// <summary>Sealer of one direction from its application traffic secret.</summary>
    /// <param name="cipherSuite">IANA number of a TLS 1.3 suite.</param>
    /// <param name="trafficSecret">As long as the suite's hash; copied.</param>
    public static RecordSealer SealerForTls13(int cipherSuite, ReadOnlySpan<byte> trafficSecret) =>
        new Tls13Sealer(new TrafficSecret(CipherSuiteInfo.For(cipherSuite), trafficSecret));

    /// <summary>Opener of one direction from its application traffic secret.</summary>
    /// <param name="cipherSuite">IANA number of a TLS 1.3 suite.</param>
    /// <param name="trafficSecret">As long as the suite's hash; copied.</param>
    public static RecordOpener OpenerForTls13(int cipherSuite, ReadOnlySpan<byte> trafficSecret) =>
        new Tls13Opener(new TrafficSecret(CipherSuiteInfo.For(cipherSuite), trafficSecret));

    /// <summary>Sealer of one direction in TLS 1.2.</summary>
    /// <param name="cipherSuite">IANA number.</param>
    /// <param name="key">Write key.</param>
    /// <param name="fixedIv">4 bytes for AES-GCM, 12 for ChaCha20, none for CBC.</param>
    /// <param name="macKey">MAC key of CBC suites, else empty.</param>
    /// <param name="encryptThenMac">True if RFC 7366 was negotiated.</param>
    /// <param name="nextSequence">Sequence number of the next record: 1 after Finished.</param>
    /// <exception cref="NotSupportedException">CBC without encrypt-then-MAC: it cannot be done safely (Lucky 13).</exception>
    public static RecordSealer SealerForTls12(
        int cipherSuite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> fixedIv,
        ReadOnlySpan<byte> macKey,
        bool encryptThenMac,
        ulong nextSequence)
    {
        CipherSuiteInfo suite = CipherSuiteInfo.For(cipherSuite);
        return suite.Cipher == BulkCipher.AesCbc
            ? new Tls12CbcSealer(CbcKeys(suite, key, macKey, encryptThenMac), nextSequence)
            : new Tls12AeadSealer(new Aead(suite.Cipher, key, fixedIv), suite.Cipher == BulkCipher.AesGcm, nextSequence);
    }

    /// <summary>Opener of one direction in TLS 1.2; parameters and errors as in <see cref="SealerForTls12"/>.</summary>
    public static RecordOpener OpenerForTls12(
        int cipherSuite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> fixedIv,
        ReadOnlySpan<byte> macKey,
        bool encryptThenMac,
        ulong nextSequence)
    {
        CipherSuiteInfo suite = CipherSuiteInfo.For(cipherSuite);
        return suite.Cipher == BulkCipher.AesCbc
            ? new Tls12CbcOpener(CbcKeys(suite, key, macKey, encryptThenMac), nextSequence)
            : new Tls12AeadOpener(new Aead(suite.Cipher, key, fixedIv), suite.Cipher == BulkCipher.AesGcm, nextSequence);
    }

    private static CbcHmac CbcKeys(CipherSuiteInfo suite, ReadOnlySpan<byte> key, ReadOnlySpan<byte> macKey, bool encryptThenMac) =>
        encryptThenMac
            ? new CbcHmac(suite.MacHash, key, macKey)
            : throw new NotSupportedException("CBC suites are only spoken with encrypt-then-MAC (RFC 7366)");
}
