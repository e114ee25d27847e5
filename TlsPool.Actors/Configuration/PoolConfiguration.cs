using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Configuration;

/// <summary>What the configuration file, the environment and the command line say together. Immutable. Secrets have no text form.</summary>
public sealed record PoolConfiguration
{
    /// <summary>Where PID and lock go; empty for none.</summary>
    public string PidFile { get; init; } = "";

    /// <summary>Directory to change the root to; empty for none.</summary>
    public string Chroot { get; init; } = "";

    /// <summary>User to become; empty to stay.</summary>
    public string User { get; init; } = "";

    /// <summary>Group to become; empty to stay.</summary>
    public string Group { get; init; } = "";

    /// <summary>Sockets to serve; never empty.</summary>
    public ImmutableArray<SocketConfiguration> Sockets { get; init; } = [];

    /// <summary>Lowest level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Error;

    /// <summary>Facilities that are logged; empty for all.</summary>
    public ImmutableHashSet<string> LogFilter { get; init; } = [];

    /// <summary>True to log to standard error as well.</summary>
    public bool LogToStandardError { get; init; }

    /// <summary>Facilities offered to applications.</summary>
    public Facilities Facilities { get; init; } = Facilities.StartTls;

    /// <summary>Directory of the database.</summary>
    public string DatabaseDirectory { get; init; } = "/var/lib/tlspool";

    /// <summary>PKCS #11 modules, in order; empty for the built-in key store alone.</summary>
    public ImmutableArray<TokenModuleConfiguration> Modules { get; init; } = [];

    /// <summary>The cluster that this host is in; null for none.</summary>
    public ClusterConfiguration? Cluster { get; init; }

    /// <summary>Name of this node: that of the cluster, or the host's.</summary>
    internal string NodeName => Cluster?.Address.Host ?? Environment.MachineName;

    /// <summary>Where traces of setups are sent (OTLP over HTTP); null for nowhere.</summary>
    public Uri? TraceEndpoint { get; init; }

    /// <summary>How the pool is managed.</summary>
    public ManagementConfiguration Management { get; init; } = new();

    /// <summary>File with the passphrase of the built-in key store; empty for one beside the database.</summary>
    public string KeyStorePassphraseFile { get; init; } = "";

    /// <summary>The file that has the passphrase of the built-in key store.</summary>
    public string PassphraseFile =>
        KeyStorePassphraseFile.Length > 0 ? KeyStorePassphraseFile : System.IO.Path.Combine(DatabaseDirectory, Crypto.Tokens.Passphrase.FileName);

    /// <summary>File for a key log; empty for none.</summary>
    public string KeyLogFile { get; init; } = "";

    /// <summary>File with the certificate that vouches for certificates of a moment; empty for none.</summary>
    public string OnTheFlyCertificate { get; init; } = "";

    /// <summary>Its private key: <c>pkcs11:</c> URI, or <c>builtin:</c> name; null for none.</summary>
    public Crypto.Keys.KeyReference? OnTheFlyKey { get; init; }

    /// <summary>Lowest TLS version.</summary>
    public TlsVersion MinVersion { get; init; } = TlsVersion.Tls12;

    /// <summary>Highest TLS version.</summary>
    public TlsVersion MaxVersion { get; init; } = TlsVersion.Tls13;

    /// <summary>Cipher suites (IANA numbers), best first; empty for the engine's default.</summary>
    public ImmutableArray<int> CipherSuites { get; init; } = [];

    /// <summary>Time for a session's setup where the application does not say.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Begin anonymously where the peer wants that too (TLS 1.2).</summary>
    public bool Precursor { get; init; }

    /// <summary>Application bytes accepted between the anonymising precursor and authentication.</summary>
    public int MaxEarlyBytes { get; init; } = 16_384;

    /// <summary>How long tickets are good for; zero issues none.</summary>
    public TimeSpan TicketLifetime { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Time for running sessions to end when the daemon stops.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for running sessions to end after a hand-over, before they are drained; zero for as long as they take.</summary>
    public TimeSpan HandOverTimeout { get; init; }

    /// <summary>Event loops; 0 for one per processor.</summary>
    public int EventLoops { get; init; }

    /// <summary>Connections of applications at one time.</summary>
    public int MaxConnections { get; init; } = 16384;

    /// <summary>Open requests of one connection.</summary>
    public int MaxRequestsPerConnection { get; init; } = 16384;

    /// <summary>Users whose programs may choose local identities, by name or number; empty for everybody.</summary>
    public ImmutableArray<string> LocalIdProgramUsers { get; init; } = [];

    /// <summary>True to take a certificate's common name where it has no subjectAltName.</summary>
    public bool CommonNameFallback { get; init; }

    /// <summary>How much of the audit trail is kept.</summary>
    public AuditRetention AuditRetention { get; init; } = AuditRetention.Default;

    /// <summary>Settings of keywords whose behaviour comes with later versions, by keyword.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Reserved { get; init; } =
        ImmutableDictionary<string, ImmutableArray<string>>.Empty;
}

/// <summary>A socket to serve.</summary>
/// <param name="Path">File name, at most <see cref="MaxPathBytes"/> bytes.</param>
/// <param name="User">Owner; empty to leave it.</param>
/// <param name="Group">Group; empty to leave it.</param>
/// <param name="Mode">Permission bits.</param>
public sealed record SocketConfiguration(string Path, string User, string Group, UnixFileMode Mode)
{
    /// <summary>Where clients look if nobody tells them.</summary>
    public const string DefaultPath = "/var/run/tlspool.sock";

    /// <summary>Longest file name of a socket, in bytes: what fits in <c>sockaddr_un</c> with the zero behind it.</summary>
    public const int MaxPathBytes = 107;

    /// <summary>0660.</summary>
    public const UnixFileMode DefaultMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>The value of a keyword that names a socket.</summary>
    /// <exception cref="FormatException">No socket can have that name.</exception>
    internal static string PathOf(string value) => value.StartsWith('/') && Encoding.UTF8.GetByteCount(value) <= MaxPathBytes
        ? value
        : throw new FormatException($"takes an absolute path of at most {MaxPathBytes} bytes");
}

/// <summary>A PKCS #11 module and one token of it.</summary>
/// <param name="Path">Shared object.</param>
/// <param name="TokenUri">RFC 7512 URI of the token; empty for all tokens of the module.</param>
/// <param name="Pin">Its PIN; empty if people enter it.</param>
public sealed record TokenModuleConfiguration(string Path, string TokenUri, byte[] Pin)
{
    /// <summary>Text that the module gets when it is started (C_Initialize, pReserved); empty for none.</summary>
    public string InitArguments { get; init; } = "";

    /// <summary>Without the PIN, and without the URI's query, which may have it too.</summary>
    public override string ToString() => $"{Path} {TokenUri.Split('?')[0]}";
}
