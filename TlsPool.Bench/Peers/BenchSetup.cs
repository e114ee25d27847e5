using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TlsPool.Bench.Peers;

/// <summary>What all contestants share: a folder, one P-256 certificate, the cipher and the backend's port.</summary>
internal sealed class BenchSetup : IDisposable
{
    /// <summary>The one suite for everybody: peers would otherwise choose AES-256 where the client allows it.</summary>
    public const string CipherSuite = "TLS_AES_128_GCM_SHA256";

    /// <summary>Threads or workers each contestant gets: one per core of the machine.</summary>
    public static readonly int Workers = Environment.ProcessorCount;

    public BenchSetup()
    {
        Folder = Directory.CreateTempSubdirectory("tlspool-bench-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        CertificateFile = Write("cert.pem", certificate.ExportCertificatePem());
        KeyFile = Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        CombinedFile = Write("both.pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        BackendPort = FreePort();
    }

    public string Folder { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    /// <summary>Certificate and key in one file, for peers that want them so.</summary>
    public string CombinedFile { get; }

    public int BackendPort { get; }

    /// <summary>Writes a file that only this user can read, and returns its path.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var writer = new StreamWriter(stream);
        writer.Write(content);
        return path;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
