using System.Collections.Frozen;

namespace TlsPool.Actors.Sessions;

/// <summary>
/// ALPN names (RFC 7301) by IANA service name. Only services whose one protocol the application must be speaking are listed:
/// it cannot be told what was negotiated.
/// </summary>
public static class ApplicationProtocols
{
    private static readonly FrozenDictionary<string, string[]> ByService = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase)
    {
        ["http"] = ["http/1.1"],
        ["https"] = ["http/1.1"],
        ["imap"] = ["imap"],
        ["imaps"] = ["imap"],
        ["pop3"] = ["pop3"],
        ["pop3s"] = ["pop3"],
        ["sieve"] = ["managesieve"],
        ["nntp"] = ["nntp"],
        ["nntps"] = ["nntp"],
        ["xmpp-client"] = ["xmpp-client"],
        ["xmpp-server"] = ["xmpp-server"],
        ["mqtt"] = ["mqtt"],
        ["secure-mqtt"] = ["mqtt"],
        ["domain-s"] = ["dot"],
        ["ftp"] = ["ftp"],
        ["postgresql"] = ["postgresql"],
        ["irc"] = ["irc"],
        ["ircs-u"] = ["irc"],
        ["coaps"] = ["coap"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The ALPN names for a service; empty if the extension is to be left out.</summary>
    public static IReadOnlyList<string> For(string service) => ByService.TryGetValue(service, out string[]? names) ? names : [];
}
