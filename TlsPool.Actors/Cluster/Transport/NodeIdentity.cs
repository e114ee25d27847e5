using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>What a node shows, and whom it believes. Immutable.</summary>
internal sealed class NodeIdentity(X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2Collection authorities)
{
    /// <summary>The node's certificate, its key, and what is between it and the authority.</summary>
    internal SslStreamCertificateContext Context { get; } = SslStreamCertificateContext.Create(certificate, chain, offline: true);

    /// <summary>The authorities.</summary>
    internal X509Certificate2Collection Authorities { get; } = authorities;
}
