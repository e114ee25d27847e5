using System.Globalization;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Actors.Sessions;

/// <summary>IANA names, and those of roles, for log and views.</summary>
public static class TlsNames
{
    /// <summary>client or server.</summary>
    public static string Role(TlsRole role) => role == TlsRole.Client ? "client" : "server";

    /// <summary>A role, and the service if there is one.</summary>
    internal static string Use(TlsRole role, string service) => $"{Role(role)} {service}".TrimEnd();

    /// <summary>Name of a cipher suite, or its number.</summary>
    public static string CipherSuite(int suite) => CipherSuiteNames.Find(suite) ?? "0x" + suite.ToString("x4", CultureInfo.InvariantCulture);

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
