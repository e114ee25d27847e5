using System.Collections;
using System.Text;
using TlsPool.Actors.Configuration;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// The configuration reader: a file is taken or refused in printable words that have no PIN in them. After a line with nothing but a NUL
/// come environment variables, NAME=VALUE, one a line.
/// </summary>
internal sealed class ConfigurationTarget : FuzzTarget
{
    private const string Secret = "S3cr3tP1N";

    private static readonly string[] Samples =
    [
        "# comment\ndaemon_pidfile /var/run/tlspool.pid\r\nsocket_user root\nsocket_group tls\nsocket_mode 0660\nsocket_name /run/a.sock\nsocket_name /run/b.sock\n",
        "log_level DEBUG\nlog_filter TLS,CERT\nlog_stderr yes\nallow_facilities starttls,startgss\ndeny_facilities *\n",
        $"pkcs11_path /usr/lib/softhsm/libsofthsm2.so\npkcs11_init_args x\npkcs11_pin {Secret}\npkcs11_token pkcs11:token=t\npkcs11_token pkcs11:token=u\n",
        "tls_min_version 1.2\ntls_max_version 1.3\ntls_handshake_timeout 30000\ntls_ticket_lifetime 7200\ndrain_timeout 30\nevent_loops 0\n",
        "db_localid a\ndb_trust b\nldap_proxy ldap://x\nldap_proxy ldap://y\ntls_dhparamfile x\nno_such_word 1\nmax_connections 10\n",
        "tls_keylog_file /tmp/keys\nname_check_cn_fallback nay\nconnection_max_requests 65535\n\0\nTLSPOOL_SOCKET_NAME=/run/c.sock\nTLSPOOL_LOG_LEVEL=*\n",
    ];

    internal override string Name => "configuration";

    internal override int MaxLength => 2048;

    internal override IReadOnlyList<byte[]> Words =>
    [
        .. ConfigurationBuilder.Keywords.Select(keyword => Encoding.UTF8.GetBytes($"\n{keyword} ")),
        Encoding.UTF8.GetBytes($"pkcs11_pin {Secret}"), Encoding.UTF8.GetBytes($"pkcs11_pin={Secret}"),
        Encoding.UTF8.GetBytes($"\npkcs11_token pkcs11:token=t?pin-value={Secret}\n"), "\n\0\nTLSPOOL_"u8.ToArray(),
        "2147483648"u8.ToArray(), "-1"u8.ToArray(), "1777"u8.ToArray(), ",*"u8.ToArray(), "\u00a0\u202e"u8.ToArray(), "\u0085"u8.ToArray(),
    ];

    internal override IEnumerable<byte[]> Seeds() => Samples.Select(Encoding.UTF8.GetBytes);

    internal override void Run(byte[] input)
    {
        ReadOnlySpan<byte> separator = "\n\0\n"u8;
        int end = input.AsSpan().IndexOf(separator);
        ReadOnlySpan<byte> file = end < 0 ? input : input.AsSpan(0, end);
        var environment = new Hashtable();
        if (end >= 0)
            foreach (string line in Encoding.UTF8.GetString(input.AsSpan(end + separator.Length)).Split('\n'))
                if (line.Split('=', 2) is [var name, var value])
                    environment[name] = value;
        try
        {
            PoolConfiguration configuration = ConfigurationReader.Parse(file, "tlspool.conf", environment, out IReadOnlyList<string> warnings);
            foreach (string warning in warnings)
                Check(warning, file);
            Unless(configuration.Sockets.Length > 0, "there is a socket");
            foreach (TokenModuleConfiguration module in configuration.Modules)
                Unless(!Tells(module.ToString(), file), "a module's text form has no PIN in it");
        }
        catch (ConfigurationException exception)
        {
            Check(exception.Message, file);
        }
    }

    private static void Check(string message, ReadOnlySpan<byte> file)
    {
        UnlessPrintable(message, "a message");
        Unless(message.Length < 2048, "a message is short, even one that lists what is allowed");
        Unless(!Tells(message, file), "a message has no PIN in it");
    }

    /// <summary>True if a text has the PIN in it, and the file has it only where a PIN is expected.</summary>
    private static bool Tells(string text, ReadOnlySpan<byte> file)
    {
        if (!text.Contains(Secret, StringComparison.Ordinal))
            return false;
        foreach (string line in Encoding.UTF8.GetString(file).Split('\n'))
            if (line.Contains(Secret, StringComparison.Ordinal)
                && !line.StartsWith("pkcs11_pin", StringComparison.OrdinalIgnoreCase)
                && !(line.StartsWith("pkcs11_token ", StringComparison.Ordinal) && line.Contains("?pin-value=" + Secret, StringComparison.Ordinal)))
                return false;
        return true;
    }
}
