using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Configuration;

/// <summary>Values as the configuration file writes them. Each method throws a <see cref="FormatException"/> that says what is allowed.</summary>
internal static class ConfigurationValues
{
    /// <summary>The facilities that <c>log_filter</c> knows.</summary>
    internal static ImmutableArray<string> LogFacilities { get; } =
        ["TLS", "PKCS11", "KERBEROS", "DB", "FILES", "CRYPTO", "CERT", "USER", "COPYCAT", "UNIXSOCK", "CLUSTER", "DAEMON"];

    internal static bool YesNo(string value) => value.ToLowerInvariant() switch
    {
        "yes" or "true" or "yep" or "aye" or "1" or "*" => true,
        "no" or "false" or "nope" or "nay" or "0" => false,
        _ => throw new FormatException("takes yes, true, yep, aye, 1, or no, false, nope, nay, 0"),
    };

    internal static string AbsolutePath(string value) => value.StartsWith('/') ? value : throw new FormatException("takes an absolute path");

    internal static string PathOrNone(string value) => value.Length == 0 ? value : AbsolutePath(value);

    /// <summary>A URL of HTTP at this host; without a path it gets the usual one of OTLP.</summary>
    internal static Uri LoopbackUrl(string value) => Uri.TryCreate(value, UriKind.Absolute, out Uri? url)
        && url is { Scheme: "http", IsLoopback: true, UserInfo: "", Query: "", Fragment: "" }
        ? url.AbsolutePath == "/" ? new Uri(url, "/v1/traces") : url
        : throw new FormatException("takes an http:// URL of this host, such as http://127.0.0.1:4318");

    /// <summary>The file of a <c>file:</c> URI of this host (RFC 8089 section 2).</summary>
    internal static string FileUri(string value)
    {
        const string scheme = "file:";
        if (value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            string rest = value[scheme.Length..];
            string path = rest.StartsWith("//localhost/", StringComparison.OrdinalIgnoreCase) ? rest["//localhost".Length..]
                : rest.StartsWith("///", StringComparison.Ordinal) ? rest[2..]
                : rest;
            if (path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal))
                return Uri.UnescapeDataString(path);
        }
        throw new FormatException("takes a URI that starts with file: and an absolute path");
    }

    /// <summary>The name of a private key.</summary>
    internal static KeyReference Key(string value)
    {
        if (value.StartsWith(KeyReference.BuiltInScheme, StringComparison.Ordinal) && value.Length > KeyReference.BuiltInScheme.Length)
            return new KeyReference(value);
        return value.StartsWith(Pkcs11Uri.Scheme, StringComparison.OrdinalIgnoreCase)
            ? Pkcs11Uri.Parse(value).ToKeyReference()
            : throw new FormatException("takes a URI that starts with pkcs11: or builtin:");
    }

    internal static int Number(string value, int min, int max) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max
            ? number
            : throw new FormatException($"takes a number from {min} to {max}");

    internal static TimeSpan TicketLifetime(string value)
    {
        int seconds = Number(value, 0, 604_800);
        return seconds is 0 or >= 60
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException("takes 0 for no tickets, or 60 to 604800 seconds");
    }

    internal static UnixFileMode Mode(string value)
    {
        if (value.Length is < 3 or > 4 || value.AsSpan().ContainsAnyExceptInRange('0', '7'))
            throw new FormatException("takes an octal mode such as 0660");
        int mode = Convert.ToInt32(value, 8);
        return mode <= 0x1ff ? (UnixFileMode)mode : throw new FormatException("takes permission bits up to 0777");
    }

    internal static TlsVersion Version(string value) => value switch
    {
        "1.2" => TlsVersion.Tls12,
        "1.3" => TlsVersion.Tls13,
        _ => throw new FormatException("takes 1.2 or 1.3"),
    };

    internal static ImmutableArray<int> CipherSuites(string value)
    {
        if (value == "*")
            return [];
        return [.. value.Split(',', StringSplitOptions.TrimEntries).Select(name => CipherSuiteNames.Find(name)
            ?? throw new FormatException($"takes * or a list of {string.Join(", ", CipherSuiteNames.All)}")).Distinct()];
    }

    internal static LogLevel LogLevel(string value) => value.ToUpperInvariant() switch
    {
        "EMERG" or "EMERGENCY" or "PANIC" or "ALERT" or "CRIT" or "CRITICAL" => Microsoft.Extensions.Logging.LogLevel.Critical,
        "ERR" or "ERROR" => Microsoft.Extensions.Logging.LogLevel.Error,
        "WARN" or "WARNING" => Microsoft.Extensions.Logging.LogLevel.Warning,
        "NOTICE" or "INFO" or "INFORMATION" => Microsoft.Extensions.Logging.LogLevel.Information,
        "DEBUG" or "*" => Microsoft.Extensions.Logging.LogLevel.Debug,
        _ => throw new FormatException("takes EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO, DEBUG or *"),
    };

    internal static ImmutableHashSet<string> LogFilter(string value)
    {
        var chosen = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (string item in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (item == "*")
                return [];
            string facility = item.ToUpperInvariant();
            if (!LogFacilities.Contains(facility))
                throw new FormatException($"takes * or a list of {string.Join(", ", LogFacilities)}");
            chosen.Add(facility);
        }
        return chosen.ToImmutable();
    }

    /// <summary>Names or numbers of users; empty for everybody.</summary>
    internal static ImmutableArray<string> Users(string value)
    {
        string[] users = value.Split(',', StringSplitOptions.TrimEntries);
        if (users.Contains("*"))
            return [];
        return users.Any(user => user.Length == 0) ? throw new FormatException("takes * or a list of users by name or number") : [.. users];
    }

    internal static Facilities FacilityList(string value)
    {
        Facilities result = Facilities.None;
        foreach (string item in value.Split(',', StringSplitOptions.TrimEntries))
            result |= item.ToLowerInvariant() switch
            {
                "starttls" => Facilities.StartTls,
                "startgss" => Facilities.StartGss,
                "startssh" => Facilities.StartSsh,
                "*" => Facilities.StartTls | Facilities.StartGss | Facilities.StartSsh,
                _ => throw new FormatException("takes * or a list of starttls, startgss, startssh"),
            };
        return result;
    }
}
