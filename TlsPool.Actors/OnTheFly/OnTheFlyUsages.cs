using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Actors.OnTheFly;

/// <summary>What a certificate of a moment is good for.</summary>
internal static class OnTheFlyUsages
{
    /// <summary>id-kp-sipDomain: without it a certificate with extended key usages is none of a SIP domain (RFC 5924).</summary>
    private const string SipDomain = "1.3.6.1.5.5.7.3.20";

    /// <summary>Extended key usages for a role in a service.</summary>
    internal static IReadOnlyList<string> For(TlsRole role, string service)
    {
        string tls = role == TlsRole.Server ? CertificateRole.Server : CertificateRole.Client;
        return service is "sip" or "sips" ? [tls, SipDomain] : [tls];
    }
}
