namespace TlsPool.Actors.Logging;

/// <summary>Facilities of the log, as <c>log_filter</c> names them (configuration.md). They are the categories of our loggers.</summary>
public static class LogFacility
{
    /// <summary>Sessions.</summary>
    public const string Tls = "TLS";

    /// <summary>Tokens.</summary>
    public const string Pkcs11 = "PKCS11";

    /// <summary>The database.</summary>
    public const string Database = "DB";

    /// <summary>Certificates and trust.</summary>
    public const string Certificates = "CERT";

    /// <summary>Applications and their connections.</summary>
    public const string UnixSocket = "UNIXSOCK";

    /// <summary>People and what they decide.</summary>
    public const string User = "USER";

    /// <summary>Other hosts.</summary>
    public const string Cluster = "CLUSTER";

    /// <summary>The daemon itself, and whatever has no facility of its own.</summary>
    public const string Daemon = "DAEMON";
}
