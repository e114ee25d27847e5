using TlsPool.Crypto.Certificates;

namespace TlsPool.Cli.Stores;

/// <summary>Certificates in files that users name.</summary>
internal static class CertificateFile
{
    /// <summary>Reads all certificates of a file.</summary>
    /// <exception cref="CommandException">There is none, or one is malformed.</exception>
    internal static IReadOnlyList<ReadOnlyMemory<byte>> Read(string path)
    {
        try
        {
            return CertificateReader.Read(InputFile.Read(path));
        }
        catch (CertificateException exception)
        {
            throw new CommandException($"{path}: {exception.Message}");
        }
    }
}
