using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TlsPool.Tests.Actors.Cluster.Transport;

/// <summary>An authority for nodes that makes good certificates and bad ones.</summary>
internal sealed class NodeAuthority : IDisposable
{
    internal const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    internal const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private NodeAuthority(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>Its certificate, with its key.</summary>
    internal X509Certificate2 Certificate { get; }

    /// <summary>Makes a new authority.</summary>
    internal static NodeAuthority Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority of nodes", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return new NodeAuthority(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(1)));
    }

    /// <summary>Takes the one that <c>tlspool cluster certificates</c> has made.</summary>
    internal static NodeAuthority Of(string directory) =>
        new(X509Certificate2.CreateFromPemFile(Path.Combine(directory, "authority.pem"), Path.Combine(directory, "authority.key")));

    /// <summary>Makes a certificate with its key.</summary>
    /// <param name="names">Alternative names, an address as such; none for a certificate without the extension.</param>
    /// <param name="from">Days from now until it is valid; negative for since then.</param>
    /// <param name="until">Days from now until it is valid no more.</param>
    /// <param name="usages">Extended key usages; null for both, empty for a certificate without the extension.</param>
    /// <param name="asTexts">True to write addresses as if they were domain names.</param>
    internal X509Certificate2 Issue(string[] names, double from = -1, double until = 30, string[]? usages = null, bool asTexts = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node2.example", key, HashAlgorithmName.SHA256);
        if (names.Length > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (string name in names)
            {
                if (!asTexts && IPAddress.TryParse(name, out IPAddress? address))
                    alternatives.AddIpAddress(address);
                else
                    alternatives.AddDnsName(name);
            }
            request.CertificateExtensions.Add(alternatives.Build());
        }
        if (usages is not { Length: 0 })
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. (usages ?? [ServerUsage, ClientUsage]).Select(usage => new Oid(usage))], false));
        using ECDsa authority = Certificate.GetECDsaPrivateKey()!;
        // Not by the certificate: its times would bound those that are asked for.
        using X509Certificate2 signed = request.Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(authority), DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(until), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 complete = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(complete.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>The text of a node's file: certificate and key.</summary>
    internal static string Pem(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        using var copy = ECDsa.Create();
        // Exported with a password and back, as keys from such files are not exported in the clear.
        const string password = "test";
        copy.ImportEncryptedPkcs8PrivateKey(
            password, key.ExportEncryptedPkcs8PrivateKey(password, new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)), out _);
        return certificate.ExportCertificatePem() + "\n" + copy.ExportPkcs8PrivateKeyPem() + "\n";
    }

    public void Dispose() => Certificate.Dispose();
}
