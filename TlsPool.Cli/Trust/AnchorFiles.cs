using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Cli.Trust;

/// <summary>Trust anchors in files and directories.</summary>
internal static class AnchorFiles
{
    private static readonly string[] Endings = [".pem", ".crt", ".cer", ".der"];

    /// <summary>Reads a file, or all certificate files of a directory.</summary>
    /// <exception cref="CommandException">There is no certificate, or one is malformed.</exception>
    internal static IEnumerable<TrustAnchor> Read(string path)
    {
        if (!Directory.Exists(path))
            return ReadFile(path);
        string[] files = [.. Directory.EnumerateFiles(path).Where(file => Endings.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)];
        return files.Length > 0
            ? files.SelectMany(ReadFile)
            : throw new CommandException($"{path} has no files that end in {string.Join(", ", Endings)}");
    }

    /// <summary>What people should know about what they are going to trust.</summary>
    internal static IEnumerable<string> Warnings(IEnumerable<TrustAnchor> anchors, DateTimeOffset now)
    {
        foreach (TrustAnchor anchor in anchors)
        {
            CertificateFacts facts = CertificateFacts.Read(anchor.Certificate.Span);
            if (now > facts.NotAfter)
                yield return $"\"{facts.Subject}\" expired at {facts.NotAfter:u}";
            if (!facts.IsAuthority)
                yield return $"\"{facts.Subject}\" is no authority: it vouches for itself only";
        }
    }

    private static IEnumerable<TrustAnchor> ReadFile(string file) => CertificateFile.Read(file)
        .Select(certificate => new TrustAnchor(CertificateFacts.Read(certificate.Span).Fingerprint, certificate, Path.GetFullPath(file)));
}
