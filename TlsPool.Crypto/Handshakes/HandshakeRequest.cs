using TlsPool.Crypto.Handshakes.Peers;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What one handshake is asked to do.</summary>
/// <param name="Role">Client or server.</param>
/// <param name="PeerAuthentication">What is asked of the peer.</param>
/// <param name="ServerName">Client: host name for SNI (A-labels), or null for none.</param>
/// <param name="ApplicationProtocols">ALPN names (RFC 7301), best first; empty to leave the extension out.</param>
/// <param name="ResumptionScope">
/// Client: sessions are only resumed between requests of equal scope (peer address, identities, service); null for no resumption.
/// Server: tickets carry it, and a ticket of another scope is not accepted.
/// </param>
public sealed record HandshakeRequest(
    TlsRole Role,
    PeerAuthentication PeerAuthentication,
    string? ServerName,
    IReadOnlyList<string> ApplicationProtocols,
    string? ResumptionScope)
{
    /// <summary>
    /// Secrets of the TLS 1.2 session that this handshake renews (RFC 5746), or null for the first handshake of a connection. A renewal speaks
    /// no other version, needs an extended master secret (RFC 7627) and resumes nothing: names are proven anew.
    /// </summary>
    public SessionSecrets? Renews { get; init; }

    /// <summary>Client: the number to send to a side that may be a peer; null for none.</summary>
    public PeerValue? PeerValue { get; init; }

    /// <summary>
    /// Begin anonymously where the peer wants that too (TLS 1.2): then the outcome <see cref="HandshakeOutcome.IsAnonymous"/>, and proves nothing.
    /// A renewal has to follow at once, under whose protection both sides show who they are.
    /// </summary>
    public bool Precursor { get; init; }

    /// <summary>Client: offer to show a certificate after the handshake too, if the server asks then (TLS 1.3, RFC 8446 section 4.6.2).</summary>
    public bool MayAuthenticateLater { get; init; }
}
