namespace TlsPool.Crypto.Records;

/// <summary>Protocol versions, as on the wire.</summary>
public enum TlsVersion : ushort
{
    /// <summary>TLS 1.2 (RFC 5246).</summary>
    Tls12 = 0x0303,

    /// <summary>TLS 1.3 (RFC 8446).</summary>
    Tls13 = 0x0304,
}
