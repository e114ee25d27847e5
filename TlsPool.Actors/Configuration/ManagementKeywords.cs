using System.Collections.Immutable;
using System.Net;
using System.Text;
using TlsPool.Actors.Management.Access;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Configuration;

/// <summary>Collects the keywords of management and HTTP.</summary>
internal sealed class ManagementKeywords
{
    /// <summary>Who may connect is one matter, and who may do something another: that is seen by the user of the process, not by the mode.</summary>
    private const UnixFileMode SocketMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly ImmutableArray<ManagementGrant>.Builder _grants = ImmutableArray.CreateBuilder<ManagementGrant>();
    private string? _socket;
    private IPEndPoint? _address;
    private string _identity = "";
    private string _httpSocket = "";
    private IPEndPoint? _httpAddress;
    private string _httpIdentity = "";

    internal void Socket(string value) => _socket = value.Equals("no", StringComparison.OrdinalIgnoreCase) ? "" : SocketConfiguration.PathOf(value);

    internal void Allow(string value)
    {
        const string form = "takes viewer, operator or admin, and after a space user:NAME, group:NAME or identity:USER@DOMAIN";
        string[] parts = value.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2 || parts[1].IndexOf(':', StringComparison.Ordinal) is not (> 0 and var colon) || colon == parts[1].Length - 1)
            throw new FormatException(form);
        ManagementRole role = parts[0] switch
        {
            "viewer" => ManagementRole.Viewer,
            "operator" => ManagementRole.Operator,
            "admin" => ManagementRole.Admin,
            _ => throw new FormatException(form),
        };
        ManagementGrantKind kind = parts[1][..colon] switch
        {
            "user" => ManagementGrantKind.User,
            "group" => ManagementGrantKind.Group,
            "identity" => ManagementGrantKind.Identity,
            _ => throw new FormatException(form),
        };
        string name = parts[1][(colon + 1)..];
        if (kind == ManagementGrantKind.Identity && !DoNai.TryParse(name, out _))
            throw new FormatException($"{name} is no identity: domain or user@domain is");
        _grants.Add(new ManagementGrant(role, kind, name));
    }

    internal void Address(string value) => _address = EndPointOf(value);

    internal void Identity(string value) => _identity = NameOf(value);

    internal void HttpSocket(string value) => _httpSocket = SocketConfiguration.PathOf(value);

    internal void HttpAddress(string value) => _httpAddress = EndPointOf(value);

    internal void HttpIdentity(string value) => _httpIdentity = NameOf(value);

    /// <summary>What was collected.</summary>
    /// <param name="first">The first socket of the pool.</param>
    /// <exception cref="FormatException">Something is missing.</exception>
    internal ManagementConfiguration Build(string first)
    {
        if (_address is null != (_identity.Length == 0))
            throw new FormatException("manage_address and manage_identity need each other");
        if (_httpAddress is null != (_httpIdentity.Length == 0))
            throw new FormatException("http_address and http_identity need each other");
        if (_httpAddress is { Address: var http } && !IPAddress.IsLoopback(http))
            throw new FormatException($"http_address {_httpAddress} is not of this host alone: use 127.0.0.1 or [::1], and a proxy or a tunnel of your own for others");
        string path = _socket ?? Default(first);
        return new ManagementConfiguration
        {
            Socket = SocketOf(path),
            IsDefaultSocket = _socket is null,
            Grants = _grants.ToImmutable(),
            Address = _address,
            Identity = _identity,
            HttpSocket = SocketOf(_httpSocket),
            HttpAddress = _httpAddress,
            HttpIdentity = _httpIdentity,
        };
    }

    /// <summary>Beside the first socket of the pool: <c>tlspool-manage.sock</c> for <c>tlspool.sock</c>.</summary>
    internal static string Default(string first)
    {
        const string ending = ".sock";
        string stem = first.EndsWith(ending, StringComparison.Ordinal) ? first[..^ending.Length] : first;
        return $"{stem}-manage{ending}";
    }

    private static SocketConfiguration? SocketOf(string path) => path.Length == 0 || Encoding.UTF8.GetByteCount(path) > SocketConfiguration.MaxPathBytes
        ? null
        : new SocketConfiguration(path, "", "", SocketMode);

    private static IPEndPoint EndPointOf(string value) => IPEndPoint.TryParse(value, out IPEndPoint? point) && point.Port != 0
        ? point
        : throw new FormatException("takes an address and a port, such as 127.0.0.1:4254 or [::1]:4254");

    private static string NameOf(string value) => DoNai.TryParse(value, out _) ? value : throw new FormatException("takes a local identity: domain or user@domain");
}
