using System.Globalization;
using System.Net;

namespace TlsPool.Actors.Configuration;

/// <summary>Where a node of the cluster is reached. The host is at once its name: its certificate has to have it. Immutable.</summary>
/// <param name="Host">Domain name in lower case, or address of IPv4 or IPv6 in its usual form, without brackets.</param>
/// <param name="Port">TCP port, 1 to 65535.</param>
public sealed record ClusterAddress(string Host, int Port)
{
    /// <summary>Port that is meant if none is named.</summary>
    public const int DefaultPort = 4253;

    /// <summary>The host as an address; null if it is a name.</summary>
    public IPAddress? Ip => IPAddress.TryParse(Host, out IPAddress? address) ? address : null;

    /// <summary>Reads <c>host</c>, <c>host:port</c> or <c>[address]:port</c>.</summary>
    /// <exception cref="FormatException">It is none; the message says what is allowed.</exception>
    public static ClusterAddress Parse(string text)
    {
        string host = text;
        int port = DefaultPort;
        int colon = text.LastIndexOf(':');
        bool bracketed = text.StartsWith('[');
        if (colon > 0 && (bracketed ? text[colon - 1] == ']' : text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65_535)
                throw Wrong();
        }
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        if (IPAddress.TryParse(host, out IPAddress? address))
            return new ClusterAddress(address.ToString(), port);
        if (host.Length == 0 || host.Length > 253 || Uri.CheckHostName(host) != UriHostNameType.Dns)
            throw Wrong();
        return new ClusterAddress(host.ToLowerInvariant(), port);
    }

    /// <summary><c>host:port</c>.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static FormatException Wrong() => new($"takes a host name or address, with a port if it is not {DefaultPort}");
}
