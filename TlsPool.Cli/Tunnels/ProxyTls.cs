namespace TlsPool.Cli.Tunnels;

/// <summary>What a PROXY header says about TLS.</summary>
/// <param name="LocalId">Who was asked for.</param>
/// <param name="RemoteId">Who came, as the pool has validated it; empty for nobody in particular.</param>
/// <param name="Version">"TLSv1.3"; empty if the pool does not tell.</param>
/// <param name="CipherSuite">IANA name; empty likewise.</param>
/// <param name="Group">Name of the key exchange group; empty likewise.</param>
internal sealed record ProxyTls(string LocalId, string RemoteId, string Version, string CipherSuite, string Group)
{
    /// <summary>Takes the negotiated parameters apart as the pool tells them: "TLS 1.3 SUITE GROUP resumed no".</summary>
    internal static ProxyTls Read(string localId, string remoteId, string parameters) => parameters.Split(' ') is ["TLS", var version, var suite, var group, ..]
        ? new ProxyTls(localId, remoteId, "TLSv" + version, suite, group)
        : new ProxyTls(localId, remoteId, "", "", "");
}
