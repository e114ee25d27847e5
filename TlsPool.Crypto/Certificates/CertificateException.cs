namespace TlsPool.Crypto.Certificates;

/// <summary>Bytes are no certificate that can be used. The message says why; names in it are escaped.</summary>
public sealed class CertificateException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CertificateException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception, with the exception behind it.</summary>
    public CertificateException(string message, Exception inner) : base(message, inner)
    {
    }
}
