using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>
/// Shows this node to others, and tells who they are: each connection goes by the files as they are then, so that certificates are renewed
/// by writing them anew. Thread safe.
/// </summary>
internal sealed class NodeCertificates
{
    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    private readonly ClusterConfiguration _configuration;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private NodeIdentity _identity;
    private (DateTime Certificate, DateTime Authority) _written;

    /// <summary>Reads the files.</summary>
    /// <exception cref="ConfigurationException">They cannot be used; the message says what to do.</exception>
    internal NodeCertificates(ClusterConfiguration configuration, TimeProvider time, ILogger log)
    {
        (_configuration, _time, _log) = (configuration, time, log);
        _written = Written();
        _identity = Read();
    }

    /// <summary>Which member this node is.</summary>
    internal ClusterAddress Own => _configuration.Address;

    /// <summary>This node's certificate with its chain, and whom it believes.</summary>
    internal NodeIdentity Current
    {
        get
        {
            lock (_lock)
            {
                (DateTime, DateTime) written = Written();
                if (written == _written)
                    return _identity;
                _written = written;
                try
                {
                    _identity = Read();
                    _log.LogInformation("the certificate of this node was read again");
                }
                catch (ConfigurationException wrong)
                {
                    _log.LogError("the certificate of this node stays as it was: {Reason}", wrong.Message);
                }
                return _identity;
            }
        }
    }

    /// <summary>Which member a certificate belongs to.</summary>
    /// <param name="certificate">What the other side has shown; null for nothing.</param>
    /// <param name="intermediates">What else it has shown.</param>
    /// <param name="isServer">True if the other side was connected to.</param>
    /// <param name="reason">Why it is nobody's; for the log.</param>
    /// <returns>The member; null if it is nobody's.</returns>
    internal ClusterAddress? Member(X509Certificate2? certificate, X509Certificate2Collection? intermediates, bool isServer, out string reason)
    {
        if (certificate is null)
        {
            reason = "it shows no certificate";
            return null;
        }
        using var chain = new X509Chain();
        X509ChainPolicy policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(Current.Authorities);
        if (intermediates is not null)
            policy.ExtraStore.AddRange(intermediates);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        string usage = isServer ? CertificateRole.Server : CertificateRole.Client;
        policy.ApplicationPolicy.Add(new Oid(usage));
        bool good = chain.Build(certificate);
        reason = good ? "" : $"its certificate is not good: {string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct())}";
        foreach (X509ChainElement element in chain.ChainElements)
            element.Certificate.Dispose();
        if (!good)
            return null;
        // One without the extension is good for anything, as chains go: the authority may have made it for something else.
        if (!certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(extension => extension.EnhancedKeyUsages[usage] is not null))
        {
            reason = $"its certificate has not the extended key usage {(isServer ? "server" : "client")}";
            return null;
        }
        ClusterAddress[] members = [.. _configuration.Members.Where(new CertificateHosts(certificate).Contains)];
        reason = members.Length switch
        {
            0 => "its certificate has the name of no member: see cluster_members",
            1 => "",
            _ => "its certificate has the names of several members: each node needs one of its own",
        };
        return members.Length == 1 ? members[0] : null;
    }

    private (DateTime Certificate, DateTime Authority) Written() =>
        (File.GetLastWriteTimeUtc(_configuration.CertificateFile), File.GetLastWriteTimeUtc(_configuration.AuthorityFile));

    private NodeIdentity Read()
    {
        string file = _configuration.CertificateFile;
        try
        {
            if ((File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                throw new ConfigurationException($"cluster_certificate {file} holds a private key but others can read it: chmod o-rw {file}");
            using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(file, file);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(file);
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(_configuration.AuthorityFile);
            if (authorities.Count == 0)
                throw new ConfigurationException($"cluster_authority {_configuration.AuthorityFile} has no certificate in PEM");
            if (!new CertificateHosts(pem).Contains(_configuration.Address))
                throw new ConfigurationException($"cluster_certificate {file} has not the host of cluster_address, {_configuration.Address.Host}, among its alternative names");
            DateTimeOffset end = pem.NotAfter;
            if (end - _time.GetUtcNow() < WarnBefore)
                _log.LogWarning("cluster_certificate {File} is good until {Time:u} only: write a new one there", file, end);
            // The copy keeps the key where the platform's TLS finds it.
            var own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            return new NodeIdentity(own, chain, authorities);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or CryptographicException or AsnContentException)
        {
            throw new ConfigurationException($"cluster_certificate {file} and cluster_authority {_configuration.AuthorityFile} cannot be used: {wrong.Message}");
        }
    }

    /// <summary>The hosts that a certificate names (RFC 5280 section 4.2.1.6). No wildcards: they would make one node of many.</summary>
    private sealed class CertificateHosts
    {
        private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
        private readonly HashSet<IPAddress> _addresses = [];

        internal CertificateHosts(X509Certificate2 certificate)
        {
            const string subjectAltName = "2.5.29.17";
            if (certificate.Extensions[subjectAltName] is not { } extension)
                return;
            try
            {
                var names = new X509SubjectAlternativeNameExtension(extension.RawData);
                _names.UnionWith(names.EnumerateDnsNames());
                _addresses.UnionWith(names.EnumerateIPAddresses());
            }
            catch (CryptographicException)
            {
                // Names that cannot be read are none.
            }
        }

        internal bool Contains(ClusterAddress member) => member.Ip is { } ip ? _addresses.Contains(ip) : _names.Contains(member.Host);
    }
}
