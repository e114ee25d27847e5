namespace TlsPool.Crypto.Certificates;

/// <summary>Extended key usages of TLS (RFC 5280 section 4.2.1.12).</summary>
public static class CertificateRole
{
    /// <summary>id-kp-serverAuth.</summary>
    public const string Server = "1.3.6.1.5.5.7.3.1";

    /// <summary>id-kp-clientAuth.</summary>
    public const string Client = "1.3.6.1.5.5.7.3.2";
}
