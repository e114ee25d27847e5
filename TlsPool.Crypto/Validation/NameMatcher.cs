using System.Net;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Identities;

namespace TlsPool.Crypto.Validation;

/// <summary>
/// Whom a certificate proves (RFC 9525): domains by dNSName, users by rfc822Name, addresses by iPAddress. A wildcard stands for one whole
/// left-most label, and only above a name of two labels or more. The common name counts only where it is configured and there is no
/// subjectAltName.
/// </summary>
public static class NameMatcher
{
    private const string Wildcard = "*.";

    /// <summary>The identity that a certificate proves when a certain one was asked for; null if it does not prove it.</summary>
    /// <param name="facts">The certificate.</param>
    /// <param name="requested">A domain, user@domain or IP address.</param>
    /// <param name="domainRepresentsUser">True if a domain may stand for its users; the result then is the domain, as that is what was proven.</param>
    /// <param name="commonName">True to take the common name of a certificate without subjectAltName.</param>
    public static string? Match(CertificateFacts facts, string requested, bool domainRepresentsUser, bool commonName)
    {
        if (IPAddress.TryParse(requested, out IPAddress? address))
            return facts.Addresses.Contains(address) ? requested : null;
        if (!DoNai.TryParse(requested, out DoNai? wanted))
            return null;
        if (wanted.User is null)
            return DnsNames(facts, commonName).Any(name => Covers(name, wanted.Domain)) ? wanted.ToString() : null;
        if (facts.MailNames.Any(name => DoNai.TryParse(name, out DoNai? user) && user.Equals(wanted)))
            return wanted.ToString();
        return domainRepresentsUser && DnsNames(facts, commonName).Any(name => Covers(name, wanted.Domain)) ? wanted.Domain : null;
    }

    /// <summary>The identity that a certificate proves when none was asked for; null if it has none. Wildcards are nobody.</summary>
    public static string? Identify(CertificateFacts facts, TlsRole peerRole, bool commonName)
    {
        IEnumerable<string> mail = facts.MailNames, dns = DnsNames(facts, commonName);
        foreach (string name in peerRole == TlsRole.Client ? mail.Concat(dns) : dns.Concat(mail))
        {
            if (DoNai.TryParse(name, out DoNai? identity))
                return identity.ToString();
        }
        return null;
    }

    /// <summary>True if a dNSName stands for a domain.</summary>
    /// <param name="pattern">The dNSName, perhaps with a wildcard.</param>
    /// <param name="domain">A domain in lower-case A-labels.</param>
    public static bool Covers(string pattern, string domain)
    {
        if (!pattern.StartsWith(Wildcard, StringComparison.Ordinal))
            return DoNai.TryParse(pattern, out DoNai? exact) && exact.User is null && exact.Domain == domain;
        int dot = domain.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && DoNai.TryParse(pattern[Wildcard.Length..], out DoNai? above)
            && above.User is null
            && above.Domain.Contains('.', StringComparison.Ordinal)
            && above.Domain == domain[(dot + 1)..];
    }

    private static IEnumerable<string> DnsNames(CertificateFacts facts, bool commonName) =>
        facts.HasAltName || !commonName || facts.CommonName is not { } name ? facts.DnsNames : [name];
}
