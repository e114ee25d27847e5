using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace TlsPool.Cli.Tunnels;

/// <summary>One end of a tunnel: an internet address, a name to look up, or the path of a UNIX socket.</summary>
/// <param name="Host">Name or address; null for a path, empty for all addresses of this host.</param>
/// <param name="Port">0 to 65535; 0 lets the kernel choose.</param>
/// <param name="Path">Path of a UNIX socket; null otherwise. May hold %L and %R, and %% for a percent sign.</param>
internal sealed partial record TunnelAddress(string? Host, int Port, string? Path)
{
    private const string Nobody = "_";

    /// <summary>True if the address depends on the identities of a session.</summary>
    internal bool NamesIdentities => Path is not null && Identity().Matches(Path).Any(found => found.Value != "%%");

    /// <summary>True for the socket that the service manager passes on: <c>--listen systemd</c>.</summary>
    internal bool IsInherited => this == Inherited;

    /// <summary>Stands for the socket that the service manager passes on.</summary>
    private static TunnelAddress Inherited { get; } = new("systemd", 0, null);

    /// <summary>Reads an address to listen on: as <see cref="Parse"/>, or <c>systemd</c>.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    internal static TunnelAddress ParseListen(string text)
    {
        if (text == Inherited.Host)
            return Inherited;
        TunnelAddress address = Parse(text);
        return address.NamesIdentities ? throw new CommandException("%L and %R have a meaning in --connect only") : address;
    }

    /// <summary>Reads an address to connect to: as <see cref="Parse"/>, but port 0 is none.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    internal static TunnelAddress ParseConnect(string text) =>
        Parse(text) is var address && address is { Path: null, Port: 0 } ? throw new CommandException($"'{text}': nobody listens on port 0") : address;

    /// <summary>Reads <c>host:port</c>, <c>[v6]:port</c>, <c>port</c> or a path with a slash in it.</summary>
    /// <exception cref="CommandException">It is none of these.</exception>
    internal static TunnelAddress Parse(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal))
            return new TunnelAddress(null, 0, text);
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? "" : text[..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (bracketed)
            host = host[1..^1];
        bool sound = bracketed ? IPAddress.TryParse(host, out IPAddress? v6) && v6.AddressFamily == AddressFamily.InterNetworkV6
            : !host.Contains(':', StringComparison.Ordinal);
        if (!sound || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new CommandException($"'{text}' is no address: write host:port, [IPv6 address]:port, a port, or the path of a UNIX socket with a slash in it");
        return new TunnelAddress(host, port, null);
    }

    /// <summary>The path for a session. An identity becomes one path component, whatever is in it, and different ones become different.</summary>
    internal string PathFor(string localId, string remoteId) => Identity().Replace(
        Path!, found => found.ValueSpan[1] switch
        {
            'L' => Component(localId),
            'R' => Component(remoteId),
            _ => "%",
        });

    /// <inheritdoc/>
    public override string ToString() => Path
        ?? (Host!.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host.Length == 0 ? "*" : Host)
            + ":" + Port.ToString(CultureInfo.InvariantCulture);

    // Identities come from certificates: no separators, no way up, no empty component, and no two that share a name but for letter case,
    // which makes no difference between identities either (behaviour.md).
    private static string Component(string identity) => identity switch
    {
        "" => Nobody,
        Nobody => Escape(Nobody[0]),
        _ => string.Concat(identity.ToLowerInvariant().Select((letter, index) =>
            letter is '/' or '%' || char.IsControl(letter) || (letter == '.' && index == 0) ? Escape(letter) : letter.ToString())),
    };

    private static string Escape(char letter) => string.Create(CultureInfo.InvariantCulture, $"%{(int)letter:X2}");

    [GeneratedRegex("%[LR%]", RegexOptions.CultureInvariant)]
    private static partial Regex Identity();
}
