using System.Collections.Frozen;

namespace TlsPool.Actors.Configuration;

/// <summary>Keywords whose behaviour comes with later versions. Their values are checked already, so that a file that is good today stays good.</summary>
internal static class ReservedKeywords
{
    private static readonly FrozenDictionary<string, Action<string>> Checks = new Dictionary<string, Action<string>>(StringComparer.Ordinal)
    {
        ["tls_dhparamfile"] = Given,
        ["dnssec_rootkey"] = Given,
        ["kerberos_client_keytab"] = Given,
        ["kerberos_server_keytab"] = Given,
        ["kerberos_client_credcache"] = Given,
        ["kerberos_server_credcache"] = Given,
        ["ldap_proxy"] = value => StartsWith(value, "ldap://", "ldaps://"),
        ["memcache_host"] = Given,
        ["memcache_port"] = value => ConfigurationValues.Number(value, 1, 65_535),
        ["memcache_ttl"] = value => ConfigurationValues.Number(value, 0, int.MaxValue),
        ["radius_authn"] = Given,
        ["radius_authz"] = Given,
        ["radius_acct"] = Given,
        ["quantum_proof_authentication"] = YesNo,
        ["quantum_proof_encryption"] = YesNo,
        ["quantum_proof_handshake"] = YesNo,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static IEnumerable<string> All => Checks.Keys;

    internal static bool Contains(string keyword) => Checks.ContainsKey(keyword);

    /// <summary>Checks a value.</summary>
    /// <exception cref="FormatException">It is not allowed; the message says what is.</exception>
    internal static void Check(string keyword, string value) => Checks[keyword](value);

    private static void YesNo(string value) => ConfigurationValues.YesNo(value);

    private static void Given(string value)
    {
        if (value.Length == 0)
            throw new FormatException("takes a value");
    }

    private static void StartsWith(string value, params string[] schemes)
    {
        if (!schemes.Any(scheme => value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)))
            throw new FormatException($"takes a URI that starts with {string.Join(" or ", schemes)}");
    }
}
