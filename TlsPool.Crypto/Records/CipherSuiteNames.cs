using System.Collections.Frozen;

namespace TlsPool.Crypto.Records;

/// <summary>IANA names of the cipher suites that this engine speaks.</summary>
public static class CipherSuiteNames
{
    private static readonly (int Suite, string Name)[] Known =
    [
        (0x1301, "TLS_AES_128_GCM_SHA256"),
        (0x1302, "TLS_AES_256_GCM_SHA384"),
        (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
        (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
        (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        (0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
        (0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
        (0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
        (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
        (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
        (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
        (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    ];

    private static readonly FrozenDictionary<int, string> BySuite = Known.ToFrozenDictionary(known => known.Suite, known => known.Name);
    private static readonly FrozenDictionary<string, int> ByName =
        Known.ToFrozenDictionary(known => known.Name, known => known.Suite, StringComparer.OrdinalIgnoreCase);

    /// <summary>All names, the best first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Known.Select(known => known.Name)];

    /// <summary>Name of a suite, or null.</summary>
    public static string? Find(int suite) => BySuite.GetValueOrDefault(suite);

    /// <summary>IANA number of a name in any case, or null.</summary>
    public static int? Find(string name) => ByName.TryGetValue(name, out int suite) ? suite : null;

    /// <summary>True for a suite of TLS 1.3, false for one of TLS 1.2.</summary>
    public static bool IsTls13(int suite) => suite >> 8 == 0x13;
}
