using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TlsPool.Actors.Configuration;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Cli.Cluster;

/// <summary>The private authority of a cluster, in two files.</summary>
internal sealed class ClusterAuthority : IDisposable
{
    /// <summary>File with its certificate, for all nodes.</summary>
    internal const string CertificateName = "authority.pem";

    private const string KeyName = "authority.key";
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);

    private readonly X509Certificate2 _certificate;

    private ClusterAuthority(X509Certificate2 certificate, string keyFile) => (_certificate, KeyFile) = (certificate, keyFile);

    /// <summary>File with its private key.</summary>
    internal string KeyFile { get; }

    /// <summary>Opens the authority of a directory, after making it if there is none.</summary>
    /// <exception cref="CommandException">It cannot be used.</exception>
    internal static ClusterAuthority OpenOrCreate(string directory)
    {
        string certificate = Path.Combine(directory, CertificateName);
        string key = Path.Combine(directory, KeyName);
        try
        {
            if (!File.Exists(certificate))
                Create(directory, certificate, key);
            return new ClusterAuthority(X509Certificate2.CreateFromPemFile(certificate, key), key);
        }
        catch (Exception wrong) when (wrong is CryptographicException or FileNotFoundException)
        {
            throw new CommandException($"{certificate} and {key} are no authority with its key: {wrong.Message}");
        }
    }

    /// <summary>Makes key and certificate of a node.</summary>
    /// <returns>Both in PEM.</returns>
    internal string Issue(ClusterAddress node, TimeSpan validity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(node.Host.Length <= 64 ? node.Host : node.Host[..64], key);
        var names = new SubjectAlternativeNameBuilder();
        if (node.Ip is { } address)
            names.AddIpAddress(address);
        else
            names.AddDnsName(node.Host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        // Each node connects to the others, and is connected to.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CertificateRole.Server), new Oid(CertificateRole.Client)], critical: false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset end = now + validity < _certificate.NotAfter ? now + validity : _certificate.NotAfter;
        using X509Certificate2 certificate = request.Create(_certificate, now.AddMinutes(-5), end, CertificateIssuer.NewSerial());
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    /// <summary>Writes a file that its owner alone may read.</summary>
    internal static void WriteSecret(string path, string text)
    {
        using FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var writer = new StreamWriter(file);
        writer.Write(text);
    }

    public void Dispose() => _certificate.Dispose();

    private static void Create(string directory, string certificateFile, string keyFile)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request("TLS Pool cluster", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddMinutes(-5), now + Validity);
        WriteSecret(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem() + "\n");
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        return new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
    }
}
