using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>Decides in a TLS handshake which member the other side is.</summary>
/// <param name="certificates">Whom to believe.</param>
/// <param name="isServer">True if the other side was connected to.</param>
/// <param name="expected">Whom it has to be; null for any member.</param>
internal sealed class PeerCheck(NodeCertificates certificates, bool isServer, ClusterAddress? expected)
{
    /// <summary>Who it is; null before it has shown it.</summary>
    internal ClusterAddress? Member { get; private set; }

    private string _reason = "";

    /// <summary>The callback of <see cref="SslStream"/>.</summary>
    internal bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        ClusterAddress? member = certificates.Member(certificate as X509Certificate2, chain?.ChainPolicy.ExtraStore, isServer, out _reason);
        if (member is null)
            return false;
        if (expected is not null && member != expected)
        {
            _reason = $"its certificate is that of {member.Host}";
            return false;
        }
        if (member == certificates.Own)
        {
            // No node connects with itself: this is somebody who has its key.
            _reason = "it shows the certificate of this node itself";
            return false;
        }
        Member = member;
        return true;
    }

    /// <summary>Waits for the handshake, whose failure then has the reason.</summary>
    /// <exception cref="AuthenticationException">The other side is not whom it has to be.</exception>
    internal async Task AwaitAsync(Task handshake)
    {
        try
        {
            await handshake.ConfigureAwait(false);
        }
        catch (AuthenticationException) when (_reason.Length > 0)
        {
            throw new AuthenticationException(_reason);
        }
    }
}
