using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Configuration;

/// <summary>Collects keywords one after the other; order matters where configuration.md says so.</summary>
internal sealed class ConfigurationBuilder
{
    private const Facilities AllFacilities = Facilities.StartTls | Facilities.StartGss | Facilities.StartSsh;

    /// <summary>No session holds back more than this, whatever is configured.</summary>
    private const int MaxEarlyBytes = 65_536;

    private static readonly FrozenDictionary<string, Action<ConfigurationBuilder, string>> Setters =
        new Dictionary<string, Action<ConfigurationBuilder, string>>(StringComparer.Ordinal)
        {
            ["daemon_pidfile"] = (b, v) => b.Change(c => c with { PidFile = ConfigurationValues.PathOrNone(v) }),
            ["daemon_chroot"] = (b, v) => b.Change(c => c with { Chroot = ConfigurationValues.PathOrNone(v) }),
            ["daemon_user"] = (b, v) => b.Change(c => c with { User = v }),
            ["daemon_group"] = (b, v) => b.Change(c => c with { Group = v }),
            ["socket_user"] = (b, v) => b._socketUser = v,
            ["socket_group"] = (b, v) => b._socketGroup = v,
            ["socket_mode"] = (b, v) => b._socketMode = ConfigurationValues.Mode(v),
            ["socket_name"] = (b, v) => b.AddSocket(v),
            ["log_level"] = (b, v) => b.Change(c => c with { LogLevel = ConfigurationValues.LogLevel(v) }),
            ["log_filter"] = (b, v) => b.Change(c => c with { LogFilter = ConfigurationValues.LogFilter(v) }),
            ["log_stderr"] = (b, v) => b.Change(c => c with { LogToStandardError = ConfigurationValues.YesNo(v) }),
            ["allow_facilities"] = (b, v) => b._allowed = ConfigurationValues.FacilityList(v),
            ["deny_facilities"] = (b, v) => b._denied = ConfigurationValues.FacilityList(v),
            ["dbenv_dir"] = (b, v) => b.Change(c => c with { DatabaseDirectory = ConfigurationValues.AbsolutePath(v) }),
            ["pkcs11_path"] = (b, v) => b.AddModule(v),
            ["pkcs11_init_args"] = (b, v) => b.SetInitArguments(v),
            ["pkcs11_token"] = (b, v) => b.SetToken(v),
            ["pkcs11_pin"] = (b, v) => b.SetPin(v),
            ["keystore_passphrase_file"] = (b, v) => b.Change(c => c with { KeyStorePassphraseFile = ConfigurationValues.PathOrNone(v) }),
            ["tls_onthefly_signcert"] = (b, v) => b.Change(c => c with { OnTheFlyCertificate = ConfigurationValues.FileUri(v) }),
            ["tls_onthefly_signkey"] = (b, v) => b.Change(c => c with { OnTheFlyKey = ConfigurationValues.Key(v) }),
            ["tls_keylog_file"] = (b, v) => b.Change(c => c with { KeyLogFile = ConfigurationValues.PathOrNone(v) }),
            ["tls_min_version"] = (b, v) => b.Change(c => c with { MinVersion = ConfigurationValues.Version(v) }),
            ["tls_max_version"] = (b, v) => b.Change(c => c with { MaxVersion = ConfigurationValues.Version(v) }),
            ["tls_cipher_suites"] = (b, v) => b.Change(c => c with { CipherSuites = ConfigurationValues.CipherSuites(v) }),
            ["tls_handshake_timeout"] = (b, v) => b.Change(c => c with { HandshakeTimeout = TimeSpan.FromMilliseconds(ConfigurationValues.Number(v, 1, 3_600_000)) }),
            ["privacy_attempt"] = (b, v) => b.Change(c => c with { Precursor = ConfigurationValues.YesNo(v) }),
            ["tls_maxpreauth"] = (b, v) => b.Change(c => c with { MaxEarlyBytes = Math.Min(ConfigurationValues.Number(v, 0, int.MaxValue), MaxEarlyBytes) }),
            ["tls_ticket_lifetime"] = (b, v) => b.Change(c => c with { TicketLifetime = ConfigurationValues.TicketLifetime(v) }),
            ["drain_timeout"] = (b, v) => b.Change(c => c with { DrainTimeout = TimeSpan.FromSeconds(ConfigurationValues.Number(v, 0, 86_400)) }),
            ["handover_timeout"] = (b, v) => b.Change(c => c with { HandOverTimeout = TimeSpan.FromSeconds(ConfigurationValues.Number(v, 0, 31_536_000)) }),
            ["event_loops"] = (b, v) => b.Change(c => c with { EventLoops = ConfigurationValues.Number(v, 0, 1024) }),
            ["max_connections"] = (b, v) => b.Change(c => c with { MaxConnections = ConfigurationValues.Number(v, 1, 1_000_000) }),
            ["connection_max_requests"] = (b, v) => b.Change(c => c with { MaxRequestsPerConnection = ConfigurationValues.Number(v, 1, 65_535) }),
            ["audit_max_age"] = (b, v) => b.Change(c => c with { AuditRetention = c.AuditRetention with { MaxAge = TimeSpan.FromDays(ConfigurationValues.Number(v, 0, 36_500)) } }),
            ["audit_max_size"] = (b, v) => b.Change(c => c with { AuditRetention = c.AuditRetention with { MaxSize = (long)ConfigurationValues.Number(v, 0, 1_048_576) << 20 } }),
            ["localid_program_users"] = (b, v) => b.Change(c => c with { LocalIdProgramUsers = ConfigurationValues.Users(v) }),
            ["cluster_address"] = (b, v) => b._cluster.Address(v),
            ["cluster_members"] = (b, v) => b._cluster.Members(v),
            ["cluster_certificate"] = (b, v) => b._cluster.Certificate(v),
            ["cluster_authority"] = (b, v) => b._cluster.Authority(v),
            ["cluster_bind"] = (b, v) => b._cluster.Bind(v),
            ["cluster_roles"] = (b, v) => b._cluster.Roles(v),
            ["cluster_wire_version"] = (b, v) => b._cluster.WireVersion(v),
            ["cluster_decision_time"] = (b, v) => b._cluster.DecisionTime(v),
            ["cluster_sign_for"] = (b, v) => b._cluster.Sign(v),
            ["cluster_sign_rate"] = (b, v) => b._cluster.SigningRate(v),
            ["cluster_entry"] = (b, v) => b._cluster.SharesEntry(v),
            ["cluster_collect_audit"] = (b, v) => b._cluster.CollectsAudit(v),
            ["manage_socket"] = (b, v) => b._management.Socket(v),
            ["manage_allow"] = (b, v) => b._management.Allow(v),
            ["manage_address"] = (b, v) => b._management.Address(v),
            ["manage_identity"] = (b, v) => b._management.Identity(v),
            ["http_socket"] = (b, v) => b._management.HttpSocket(v),
            ["http_address"] = (b, v) => b._management.HttpAddress(v),
            ["http_identity"] = (b, v) => b._management.HttpIdentity(v),
            ["trace_endpoint"] = (b, v) => b.Change(c => c with { TraceEndpoint = ConfigurationValues.LoopbackUrl(v) }),
            ["name_check_cn_fallback"] = (b, v) => b.Change(c => c with { CommonNameFallback = ConfigurationValues.YesNo(v) }),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> OneDatabase =
        new[] { "db_localid", "db_disclose", "db_trust" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Repeatable = new[]
    {
        "socket_user", "socket_group", "socket_mode", "socket_name", "pkcs11_path", "pkcs11_init_args", "pkcs11_token", "pkcs11_pin",
        "ldap_proxy", "memcache_host", "radius_authn", "radius_authz", "radius_acct", "db_localid", "db_disclose", "db_trust",
        "cluster_sign_for", "manage_allow",
    }.ToFrozenSet(StringComparer.Ordinal);

    private PoolConfiguration _configuration = new();
    private readonly ImmutableArray<SocketConfiguration>.Builder _sockets = ImmutableArray.CreateBuilder<SocketConfiguration>();
    private readonly List<TokenModuleConfiguration> _modules = [];
    private readonly ClusterKeywords _cluster = new();
    private readonly ManagementKeywords _management = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _overridden = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<string>> _reserved = new(StringComparer.Ordinal);
    private string _socketUser = "";
    private string _socketGroup = "";
    private UnixFileMode _socketMode = SocketConfiguration.DefaultMode;
    private Facilities _allowed = AllFacilities;
    private Facilities _denied;
    private byte[] _pin = [];
    private string _initArguments = "";
    private bool _warnedOfDatabases;

    /// <summary>All keywords.</summary>
    internal static IEnumerable<string> Keywords => Setters.Keys.Concat(ReservedKeywords.All).Concat(OneDatabase);

    internal static bool Knows(string keyword) => Setters.ContainsKey(keyword) || ReservedKeywords.Contains(keyword) || OneDatabase.Contains(keyword);

    /// <summary>Applies a keyword of the environment: it counts for everything, whatever the file says and in whatever order.</summary>
    /// <returns>A warning, or null.</returns>
    /// <exception cref="FormatException">The value is not allowed; the message says what is.</exception>
    internal string? Override(string keyword, string value)
    {
        _overridden.Add(keyword);
        return Set(keyword, value);
    }

    /// <summary>Applies a keyword; the result is a warning, or null.</summary>
    /// <exception cref="FormatException">The value is not allowed; the message says what is.</exception>
    internal string? Set(string keyword, string value)
    {
        bool again = !_seen.Add(keyword) && !Repeatable.Contains(keyword);
        return Apply(keyword, value) ?? (again ? $"{keyword} is repeated: the last one counts" : null);
    }

    /// <summary>What was collected.</summary>
    /// <exception cref="FormatException">Values do not go together.</exception>
    internal PoolConfiguration Build()
    {
        if (_configuration.MinVersion > _configuration.MaxVersion)
            throw new FormatException("tls_min_version is above tls_max_version");
        if (_configuration.CipherSuites is { IsEmpty: false } suites
            && !suites.Any(suite => CipherSuiteNames.IsTls13(suite) ? _configuration.MaxVersion >= TlsVersion.Tls13 : _configuration.MinVersion <= TlsVersion.Tls12))
            throw new FormatException("tls_cipher_suites has no suite for the versions from tls_min_version to tls_max_version");
        if ((_configuration.OnTheFlyCertificate.Length > 0) != (_configuration.OnTheFlyKey is not null))
            throw new FormatException("tls_onthefly_signcert and tls_onthefly_signkey need each other");
        if (_sockets.Count == 0)
            AddSocket(SocketConfiguration.DefaultPath);
        return _configuration with
        {
            Sockets = [.. _sockets.Select(Finish)],
            Modules = [.. _modules.Select(Finish)],
            Cluster = _cluster.Build(),
            Management = _management.Build(_sockets[0].Path),
            // The only facility there is so far.
            Facilities = _allowed & ~_denied & Facilities.StartTls,
            Reserved = _reserved.ToImmutableDictionary(StringComparer.Ordinal),
        };
    }

    private string? Apply(string keyword, string value)
    {
        if (Setters.TryGetValue(keyword, out Action<ConfigurationBuilder, string>? setter))
        {
            setter(this, value);
            return null;
        }
        if (ReservedKeywords.Contains(keyword))
        {
            ReservedKeywords.Check(keyword, value);
            ImmutableArray<string> earlier = _reserved.GetValueOrDefault(keyword, []);
            _reserved[keyword] = earlier.Add(value);
            return keyword == "tls_dhparamfile" ? "is not used: only named groups are negotiated" : null;
        }
        if (_warnedOfDatabases)
            return null;
        _warnedOfDatabases = true;
        return "one database in dbenv_dir holds identities, disclosure and trust: the file name is not used";
    }

    private SocketConfiguration Finish(SocketConfiguration socket) => socket with
    {
        User = _overridden.Contains("socket_user") ? _socketUser : socket.User,
        Group = _overridden.Contains("socket_group") ? _socketGroup : socket.Group,
        Mode = _overridden.Contains("socket_mode") ? _socketMode : socket.Mode,
    };

    private TokenModuleConfiguration Finish(TokenModuleConfiguration module) => module with
    {
        Pin = _overridden.Contains("pkcs11_pin") ? _pin : module.Pin,
        InitArguments = _overridden.Contains("pkcs11_init_args") ? _initArguments : module.InitArguments,
    };

    private void Change(Func<PoolConfiguration, PoolConfiguration> change) => _configuration = change(_configuration);

    private void AddSocket(string path)
    {
        path = SocketConfiguration.PathOf(path);
        if (_sockets.Any(socket => socket.Path == path))
            throw new FormatException($"names {path} a second time");
        _sockets.Add(new SocketConfiguration(path, _socketUser, _socketGroup, _socketMode));
    }

    private void AddModule(string path)
    {
        _pin = [];
        _modules.Add(new TokenModuleConfiguration(ConfigurationValues.AbsolutePath(path), "", []));
    }

    private void SetToken(string uri)
    {
        if (!uri.StartsWith("pkcs11:", StringComparison.Ordinal))
            throw new FormatException("takes a pkcs11: URI (RFC 7512)");
        if (_modules.Count == 0)
            throw new FormatException("has to come after pkcs11_path");
        TokenModuleConfiguration last = _modules[^1];
        TokenModuleConfiguration token = last with { TokenUri = uri, Pin = _pin };
        if (last.TokenUri.Length == 0)
            _modules[^1] = token;
        else
            _modules.Add(token);
    }

    private void SetInitArguments(string arguments)
    {
        _initArguments = arguments;
        if (_overridden.Contains("pkcs11_init_args"))
            return;
        if (_modules.Count == 0 || _modules[^1].TokenUri.Length > 0)
            throw new FormatException("has to come after pkcs11_path and before pkcs11_token");
        _modules[^1] = _modules[^1] with { InitArguments = arguments };
    }

    private void SetPin(string pin)
    {
        _pin = Encoding.UTF8.GetBytes(pin);
        if (_modules.Count > 0 && _modules[^1].TokenUri.Length == 0)
            _modules[^1] = _modules[^1] with { Pin = _pin };
    }
}
