using System.Globalization;

namespace TlsPool.Actors.Sessions;

/// <summary>IANA names for log and views.</summary>
public static class TlsNames
{
    /// <summary>Name of a cipher suite, or its number.</summary>
    public static string CipherSuite(int suite) => suite switch
    {
        0x1301 => "TLS_AES_128_GCM_SHA256",
        0x1302 => "TLS_AES_256_GCM_SHA384",
        0x1303 => "TLS_CHACHA20_POLY1305_SHA256",
        0xc02b => "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        0xc02c => "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xc02f => "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        0xc030 => "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xcca8 => "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        0xcca9 => "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        _ => "0x" + suite.ToString("x4", CultureInfo.InvariantCulture),
    };

    /// <summary>Name of a key exchange group, or its number.</summary>
    public static string Group(int group) => group switch
    {
        0 => "-",
        0x0017 => "secp256r1",
        0x0018 => "secp384r1",
        0x0019 => "secp521r1",
        0x001d => "x25519",
        0x11ec => "X25519MLKEM768",
        _ => "0x" + group.ToString("x4", CultureInfo.InvariantCulture),
    };
}
