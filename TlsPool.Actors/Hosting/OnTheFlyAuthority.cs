using TlsPool.Actors.Configuration;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Actors.Hosting;

/// <summary>The authority of a configuration that vouches for certificates of a moment.</summary>
internal static class OnTheFlyAuthority
{
    /// <summary>Reads it; whether its key can be used shows when it signs.</summary>
    /// <returns>Null if none is configured.</returns>
    /// <exception cref="DaemonException">It cannot be put to work.</exception>
    internal static SigningAuthority? Read(PoolConfiguration configuration)
    {
        if (configuration.OnTheFlyKey is not { } key)
            return null;
        string file = configuration.OnTheFlyCertificate;
        try
        {
            return SigningAuthority.Read(CertificateReader.Read(File.ReadAllBytes(file)), key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DaemonException($"tls_onthefly_signcert: {exception.Message}");
        }
        catch (Exception exception) when (exception is CertificateException or FormatException)
        {
            throw new DaemonException($"tls_onthefly_signcert {file}: {exception.Message}");
        }
    }
}
