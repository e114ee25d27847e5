using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TlsPool.Cli.Tunnels;

/// <summary>One end of a tunnel: an internet address, a name to look up, or the path of a UNIX socket.</summary>
/// <param name="Host">Name or address; null for a path, empty for all addresses of this host.</param>
/// <param name="Port">0 to 65535; 0 lets the kernel choose.</param>
/// <param name="Path">Path of a UNIX socket; null otherwise. May hold %L and %R.</param>
internal sealed record TunnelAddress(string? Host, int Port, string? Path)
{
    /// <summary>True if the address depends on the identities of a session.</summary>
    internal bool NamesIdentities => Path is not null && (Path.Contains("%L", StringComparison.Ordinal) || Path.Contains("%R", StringComparison.Ordinal));

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

    /// <summary>The path for a session. An identity becomes one path component, whatever is in it.</summary>
    internal string PathFor(string localId, string remoteId) => Path!
        .Replace("%L", Component(localId), StringComparison.Ordinal)
        .Replace("%R", Component(remoteId), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Path
        ?? (Host!.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host.Length == 0 ? "*" : Host)
            + ":" + Port.ToString(CultureInfo.InvariantCulture);

    // Identities come from certificates: no separators, no way up, no empty component.
    private static string Component(string identity)
    {
        string name = string.Concat(identity.Select(letter => letter is '/' or '%' || char.IsControl(letter) ? '_' : letter));
        return name.Length == 0 || name[0] == '.' ? "_" + name : name;
    }
}
