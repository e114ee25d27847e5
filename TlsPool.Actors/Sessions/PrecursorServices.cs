using System.Collections.Frozen;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Actors.Sessions;

/// <summary>
/// Where an anonymising precursor is offered, by IANA service name and role: on clients of services whose clients may have certificates, and on
/// servers of all but those whose protocol forbids renegotiation (RFC 9113 section 9.2.1) or cannot use it.
/// </summary>
public static class PrecursorServices
{
    private static readonly FrozenSet<string> Never = Names("http", "https", "coaps", "domain-s");

    private static readonly FrozenSet<string> Clients = Names(
        "imap", "imaps", "pop3", "pop3s", "smtp", "submission", "submissions", "sieve", "nntp", "nntps", "ldap", "ldaps", "xmpp-client", "xmpp-server",
        "ftp", "postgresql", "irc", "ircs-u", "mqtt", "secure-mqtt");

    /// <summary>True if a side of a service may begin anonymously.</summary>
    /// <param name="service">The service; may be empty.</param>
    /// <param name="role">The local role.</param>
    public static bool Allows(string service, TlsRole role) => role == TlsRole.Client ? Clients.Contains(service) : !Never.Contains(service);

    private static FrozenSet<string> Names(params string[] names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
