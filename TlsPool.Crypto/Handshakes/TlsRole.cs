namespace TlsPool.Crypto.Handshakes;

/// <summary>Side of a TLS handshake.</summary>
public enum TlsRole
{
    /// <summary>Sends the ClientHello.</summary>
    Client,

    /// <summary>Answers it.</summary>
    Server,
}
