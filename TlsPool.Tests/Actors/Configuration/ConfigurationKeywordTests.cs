using System.Text;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using TlsPool.Actors.Configuration;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Actors.Configuration;

public sealed class ConfigurationKeywordTests
{
    private const UnixFileMode Mode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>One line for each keyword of configuration.md.</summary>
    private static readonly string[] EveryKeyword =
    [
        "daemon_pidfile /run/tlspool.pid", "daemon_chroot /srv/tlspool", "daemon_user tlspool", "daemon_group tlspool",
        "socket_user root", "socket_group wheel", "socket_mode 0600", "socket_name /run/tlspool.sock",
        "log_level INFO", "log_filter TLS,CERT", "log_stderr *", "allow_facilities starttls,startgss", "deny_facilities startssh",
        "dbenv_dir /var/lib/tlspool", "db_localid localid.db", "db_disclose disclose.db", "db_trust trust.db",
        "pkcs11_path /usr/lib/softhsm/libsofthsm2.so", "pkcs11_pin 1234", "pkcs11_token pkcs11:token=pool",
        "tls_dhparamfile /etc/dh.pem", "tls_maxpreauth 10000", "tls_onthefly_signcert file:/etc/fly.der",
        "tls_onthefly_signkey pkcs11:token=fly", "dnssec_rootkey /etc/unbound/root.key",
        "kerberos_client_keytab /etc/client.keytab", "kerberos_server_keytab /etc/server.keytab",
        "kerberos_client_credcache FILE:/tmp/cc", "kerberos_server_credcache FILE:/tmp/sc",
        "ldap_proxy ldap://localhost/", "ldap_proxy ldaps://backup/", "memcache_host localhost", "memcache_port 11211", "memcache_ttl 60",
        "privacy_attempt no", "radius_authn radius1", "radius_authz radius2", "radius_acct radius3",
        "quantum_proof_authentication no", "quantum_proof_encryption yes", "quantum_proof_handshake no",
    ];

    [Test]
    public void Every_keyword_of_the_original_is_known()
    {
        (PoolConfiguration configuration, IReadOnlyList<string> warnings) = Read(string.Join('\n', EveryKeyword));
        Assert.That(warnings, Has.Count.EqualTo(2));
        Assert.That(warnings[0], Does.StartWith("test:15:").And.Contains("one database"));
        Assert.That(warnings[1], Does.StartWith("test:21:").And.Contains("only named groups"));
        Assert.That(configuration.Reserved["ldap_proxy"], Is.EqualTo(new[] { "ldap://localhost/", "ldaps://backup/" }));
        Assert.That(configuration, Has.Property("PidFile").EqualTo("/run/tlspool.pid").And.Property("Chroot").EqualTo("/srv/tlspool")
            .And.Property("User").EqualTo("tlspool").And.Property("Group").EqualTo("tlspool")
            .And.Property("DatabaseDirectory").EqualTo("/var/lib/tlspool").And.Property("LogToStandardError").True
            .And.Property("Facilities").EqualTo(Facilities.StartTls));
        Assert.That(configuration.LogFilter, Is.EquivalentTo(new[] { "TLS", "CERT" }));
    }

    [Test]
    public void An_empty_file_serves_the_default_socket()
    {
        (PoolConfiguration configuration, IReadOnlyList<string> warnings) = Read("");
        Assert.That(configuration.Sockets, Is.EqualTo(new[] { new SocketConfiguration("/var/run/tlspool.sock", "", "", (UnixFileMode)0x1B0) }));
        Assert.That(configuration.LogLevel, Is.EqualTo(LogLevel.Error));
        Assert.That(configuration.Modules, Is.Empty);
        Assert.That(warnings, Is.Empty);
    }

    [Test]
    public void Owner_group_and_mode_count_for_the_sockets_after_them()
    {
        (PoolConfiguration configuration, _) = Read(
            "socket_name /run/a\nsocket_user alice\nsocket_mode 666\nsocket_name /run/b\nsocket_group staff\nsocket_user bob\nsocket_mode 0600\nsocket_name /run/c");
        Assert.That(configuration.Sockets, Is.EqualTo(new[]
        {
            new SocketConfiguration("/run/a", "", "", SocketConfiguration.DefaultMode),
            new SocketConfiguration("/run/b", "alice", "", (UnixFileMode)0x1B6),
            new SocketConfiguration("/run/c", "bob", "staff", Mode0600),
        }));
    }

    [Test]
    public void A_PIN_counts_for_the_tokens_after_it_until_the_next_module()
    {
        (PoolConfiguration configuration, _) = Read(
            """
            pkcs11_path /a.so
            pkcs11_pin 1111
            pkcs11_token pkcs11:token=one
            pkcs11_token pkcs11:token=two
            pkcs11_pin 2222
            pkcs11_token pkcs11:token=three
            pkcs11_path /b.so
            pkcs11_init_args configdir=x
            pkcs11_token pkcs11:token=four
            pkcs11_path /c.so
            pkcs11_pin 3333
            """);
        Assert.That(configuration.Modules.Select(Describe), Is.EqualTo(new[]
        {
            "/a.so pkcs11:token=one 1111 ", "/a.so pkcs11:token=two 1111 ", "/a.so pkcs11:token=three 2222 ",
            "/b.so pkcs11:token=four  configdir=x", "/c.so  3333 ",
        }));
    }

    [Test]
    public void A_PIN_has_no_text_form() =>
        Assert.That(Read("pkcs11_path /a.so\npkcs11_pin 98765\npkcs11_token pkcs11:token=one?pin-value=98765").Configuration.Modules[0].ToString(), Does.Not.Contain("98765"));

    [TestCase("yes", true)]
    [TestCase("TRUE", true)]
    [TestCase("Yep", true)]
    [TestCase("aye", true)]
    [TestCase("1", true)]
    [TestCase("*", true)]
    [TestCase("no", false)]
    [TestCase("False", false)]
    [TestCase("nope", false)]
    [TestCase("NAY", false)]
    [TestCase("0", false)]
    public void Yes_and_no_have_many_names(string value, bool expected) =>
        Assert.That(Read("log_stderr " + value).Configuration.LogToStandardError, Is.EqualTo(expected));

    [TestCase("EMERG", LogLevel.Critical)]
    [TestCase("alert", LogLevel.Critical)]
    [TestCase("CRIT", LogLevel.Critical)]
    [TestCase("critical", LogLevel.Critical)]
    [TestCase("err", LogLevel.Error)]
    [TestCase("ERROR", LogLevel.Error)]
    [TestCase("warn", LogLevel.Warning)]
    [TestCase("WARNING", LogLevel.Warning)]
    [TestCase("notice", LogLevel.Information)]
    [TestCase("INFO", LogLevel.Information)]
    [TestCase("DEBUG", LogLevel.Debug)]
    [TestCase("*", LogLevel.Debug)]
    public void Log_levels_have_long_and_short_names(string value, LogLevel expected) =>
        Assert.That(Read("log_level " + value).Configuration.LogLevel, Is.EqualTo(expected));

    [TestCase("", "", Facilities.StartTls)]
    [TestCase("*", "", Facilities.StartTls)]
    [TestCase("startgss", "", Facilities.None)]
    [TestCase("*", "starttls", Facilities.None)]
    [TestCase("starttls,startssh", "STARTSSH, startgss", Facilities.StartTls)]
    [TestCase("starttls", "*", Facilities.None)]
    public void Denied_facilities_win(string allow, string deny, Facilities expected)
    {
        string text = (allow.Length > 0 ? $"allow_facilities {allow}\n" : "") + (deny.Length > 0 ? $"deny_facilities {deny}\n" : "");
        Assert.That(Read(text).Configuration.Facilities, Is.EqualTo(expected));
    }

    [TestCase("log_level LOUD", "takes EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO, DEBUG or *")]
    [TestCase("log_level INFO ", "white space at its end")]
    [TestCase("log_filter TLS,HTTP", "takes * or a list of TLS, PKCS11")]
    [TestCase("log_filter ", "takes * or a list of TLS, PKCS11")]
    [TestCase("log_stderr maybe", "takes yes, true, yep, aye, 1, or no")]
    [TestCase("allow_facilities ftp", "takes * or a list of starttls, startgss, startssh")]
    [TestCase("socket_mode rw", "takes an octal mode such as 0660")]
    [TestCase("socket_mode 4755", "takes permission bits up to 0777")]
    [TestCase("socket_mode 0668", "takes an octal mode such as 0660")]
    [TestCase("socket_name run/sock", "takes an absolute path of at most 107 bytes")]
    [TestCase("socket_name ", "takes an absolute path of at most 107 bytes")]
    [TestCase("daemon_pidfile pid", "takes an absolute path")]
    [TestCase("dbenv_dir ", "takes an absolute path")]
    [TestCase("pkcs11_path softhsm.so", "takes an absolute path")]
    [TestCase("pkcs11_token token=x", "takes a pkcs11: URI")]
    [TestCase("pkcs11_token pkcs11:token=x", "has to come after pkcs11_path")]
    [TestCase("tls_min_version 1.1", "takes 1.2 or 1.3")]
    [TestCase("tls_handshake_timeout 0", "takes a number from 1 to 3600000")]
    [TestCase("tls_ticket_lifetime 30", "takes 0 for no tickets, or 60 to 604800 seconds")]
    [TestCase("drain_timeout -1", "takes a number from 0 to 86400")]
    [TestCase("handover_timeout -1", "takes a number from 0 to 31536000")]
    [TestCase("max_connections 99999999999999999999", "takes a number from 1 to 1000000")]
    [TestCase("ldap_proxy http://x", "takes a URI that starts with ldap:// or ldaps://")]
    [TestCase("memcache_port 0", "takes a number from 1 to 65535")]
    [TestCase("privacy_attempt perhaps", "takes yes, true, yep")]
    [TestCase("quantum_proof_handshake 2", "takes yes, true, yep")]
    [TestCase("tls_onthefly_signkey /key", "takes a URI that starts with pkcs11: or builtin:")]
    [TestCase("tls_onthefly_signkey builtin:", "takes a URI that starts with pkcs11: or builtin:")]
    [TestCase("tls_onthefly_signcert /etc/fly.der", "takes a URI that starts with file: and an absolute path")]
    [TestCase("tls_onthefly_signcert file://other/etc/fly.der", "takes a URI that starts with file: and an absolute path")]
    public void A_bad_value_is_refused_with_its_place_and_what_is_allowed(string line, string allowed)
    {
        ConfigurationException? refused = Assert.Throws<ConfigurationException>(() => Read("# first\n\n" + line));
        Assert.That(refused!.Message, Does.StartWith($"test:3: {line.Split(' ')[0]}").And.Contains(allowed));
    }

    [TestCase("file:/etc/fly.der")]
    [TestCase("file:///etc/fly.der")]
    [TestCase("FILE://localhost/etc/f%6cy.der")]
    public void The_signing_certificate_is_a_file_of_this_host(string uri)
    {
        PoolConfiguration read = Read($"tls_onthefly_signcert {uri}\ntls_onthefly_signkey pkcs11:token=fly?pin-value=secret").Configuration;
        Assert.That(read.OnTheFlyCertificate, Is.EqualTo("/etc/fly.der"));
        Assert.That(read.OnTheFlyKey!.Uri, Is.EqualTo("pkcs11:token=fly"));
    }

    [TestCase("tls_onthefly_signcert file:/etc/fly.der")]
    [TestCase("tls_onthefly_signkey pkcs11:token=fly")]
    public void Signing_certificate_and_key_need_each_other(string line) =>
        Assert.That(() => Read(line), Throws.TypeOf<ConfigurationException>().With.Message.Contains("need each other"));

    [TestCase(" log_level INFO", "white space before the keyword")]
    [TestCase("log_level  INFO", "exactly one space")]
    [TestCase("log_level", "needs one space and a value")]
    [TestCase("log_level\tINFO", "control character, such as a tab")]
    [TestCase("log_level IN\0FO", "control character")]
    public void A_line_of_another_shape_is_refused(string line, string reason)
    {
        ConfigurationException? refused = Assert.Throws<ConfigurationException>(() => Read("log_level INFO\n" + line));
        Assert.That(refused!.Message, Does.StartWith("test:2: ").And.Contains(reason));
    }

    [Test]
    public void Lines_have_at_most_512_bytes_unless_they_are_comments()
    {
        string longest = "daemon_pidfile /" + new string('x', 512 - 16);
        Assert.That(Read(longest).Configuration.PidFile, Has.Length.EqualTo(497));
        Assert.That(Assert.Throws<ConfigurationException>(() => Read(longest + "x"))!.Message, Does.Contain("longer than 512 bytes"));
        Assert.That(Read("#" + longest + "\n" + longest).Warnings, Is.Empty);
    }

    [Test]
    public void Text_that_is_not_UTF_8_is_refused() => Assert.That(
        Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse([.. "log_level "u8, 0xC3, 0x28], "test", NoEnvironment, out _))!.Message,
        Is.EqualTo("test:1: the line is not UTF-8 text"));

    [Test]
    public void Lines_may_end_as_in_Windows() => Assert.That(Read("log_level INFO\r\n\r\n# comment\r\n").Configuration.LogLevel, Is.EqualTo(LogLevel.Information));

    [Test]
    public void An_unknown_keyword_warns_with_its_place()
    {
        (_, IReadOnlyList<string> warnings) = Read("log_level INFO\nlog_lefel DEBUG");
        Assert.That(warnings, Is.EqualTo(new[] { "test:2: unknown keyword 'log_lefel' is ignored" }));
    }

    [TestCase("pkcs11_pin=9876")]
    [TestCase("pkcs11_pin:9876")]
    [TestCase("PKCS11_PIN9876 x")]
    public void A_PIN_in_a_line_of_another_shape_is_not_shown(string line) =>
        Assert.That(Read(line).Warnings, Is.EqualTo(new[] { "test:1: a line that does not start with a keyword and one space is ignored" }));

    [Test]
    public void A_value_that_is_given_twice_warns()
    {
        (PoolConfiguration configuration, IReadOnlyList<string> warnings) = Read("drain_timeout 1\ndrain_timeout 2");
        Assert.That(configuration.DrainTimeout, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(warnings, Is.EqualTo(new[] { "test:2: drain_timeout is repeated: the last one counts" }));
    }

    [Test]
    public void A_socket_is_declared_once() => Assert.That(
        Assert.Throws<ConfigurationException>(() => Read("socket_name /run/a\nsocket_name /run/a"))!.Message, Does.StartWith("test:2: socket_name names /run/a a second time"));

    [Test]
    public void Versions_have_to_go_together() => Assert.That(
        Assert.Throws<ConfigurationException>(() => Read("tls_min_version 1.3\ntls_max_version 1.2"))!.Message,
        Is.EqualTo("test: tls_min_version is above tls_max_version"));

    [Test]
    public void The_environment_overrides_every_line_of_a_keyword()
    {
        (PoolConfiguration configuration, IReadOnlyList<string> warnings) = Read(
            "log_level LOUD\nsocket_mode 0666\nsocket_name /run/a\nsocket_name /run/b\ntls_min_version 1.2",
            ("TLSPOOL_LOG_LEVEL", "DEBUG"), ("TLSPOOL_SOCKET_MODE", "0600"), ("TLSPOOL_TLS_MIN_VERSION", "1.3"));
        Assert.That(configuration.LogLevel, Is.EqualTo(LogLevel.Debug));
        Assert.That(configuration.Sockets.Select(socket => socket.Path), Is.EqualTo(new[] { "/run/a", "/run/b" }));
        Assert.That(configuration.Sockets.Select(socket => socket.Mode), Is.All.EqualTo(Mode0600));
        Assert.That(configuration.MinVersion, Is.EqualTo(TlsVersion.Tls13));
        Assert.That(warnings, Is.Empty);
    }

    [Test]
    public void A_socket_of_the_environment_is_the_only_one()
    {
        (PoolConfiguration configuration, _) = Read("socket_mode 0666\nsocket_name /run/a\nsocket_name /run/b", ("TLSPOOL_SOCKET_NAME", "/run/c"));
        Assert.That(configuration.Sockets, Is.EqualTo(new[] { new SocketConfiguration("/run/c", "", "", (UnixFileMode)0x1B6) }));
    }

    [Test]
    public void The_environment_may_bring_PIN_module_and_token()
    {
        const string file = "pkcs11_path /a.so\npkcs11_pin 1111\npkcs11_token pkcs11:token=one";
        Assert.Multiple(() =>
        {
            Assert.That(Modules(("TLSPOOL_PKCS11_PIN", "9999")), Is.EqualTo(new[] { "/a.so pkcs11:token=one 9999 " }));
            Assert.That(Modules(("TLSPOOL_PKCS11_PATH", "/spy.so")), Is.EqualTo(new[] { "/spy.so pkcs11:token=one 1111 " }));
            Assert.That(Modules(("TLSPOOL_PKCS11_TOKEN", "pkcs11:token=two")), Is.EqualTo(new[] { "/a.so pkcs11:token=two 1111 " }));
            Assert.That(Modules(("TLSPOOL_PKCS11_INIT_ARGS", "x=y")), Is.EqualTo(new[] { "/a.so pkcs11:token=one 1111 x=y" }));
            Assert.That(
                Modules(("TLSPOOL_PKCS11_PATH", "/b.so"), ("TLSPOOL_PKCS11_PIN", "9"), ("TLSPOOL_PKCS11_TOKEN", "pkcs11:token=t"), ("TLSPOOL_PKCS11_INIT_ARGS", "a")),
                Is.EqualTo(new[] { "/b.so pkcs11:token=t 9 a" }));
        });
        IEnumerable<string> Modules(params (string, string)[] environment) => Read(file, environment).Configuration.Modules.Select(Describe);
    }

    [Test]
    public void A_bad_value_in_the_environment_names_the_variable() => Assert.That(
        Assert.Throws<ConfigurationException>(() => Read("", ("TLSPOOL_EVENT_LOOPS", "many")))!.Message,
        Is.EqualTo("TLSPOOL_EVENT_LOOPS: event_loops takes a number from 0 to 1024"));

    [Test]
    public void The_sample_file_is_good_as_it_is_and_with_every_setting_in_force()
    {
        string sample = File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "deploy", "tlspool.conf"));
        Assert.That(Read(sample).Warnings, Is.Empty);
        string inForce = string.Join('\n', sample.Split('\n').Select(line => line.Length > 1 && line[0] == '#' && char.IsAsciiLetterLower(line[1]) ? line[1..] : line));
        (PoolConfiguration configuration, IReadOnlyList<string> warnings) = Read(inForce);
        Assert.That(warnings, Is.All.Contains("not used"), "what the sample has, the pool knows");
        Assert.That(configuration.User, Is.EqualTo("tlspool"));
    }

    private static readonly Dictionary<string, string> NoEnvironment = [];

    private static string Describe(TokenModuleConfiguration module) => $"{module} {Encoding.UTF8.GetString(module.Pin)} {module.InitArguments}";

    private static (PoolConfiguration Configuration, IReadOnlyList<string> Warnings) Read(string text, params (string Name, string Value)[] environment)
    {
        PoolConfiguration configuration = ConfigurationReader.Parse(
            Encoding.UTF8.GetBytes(text), "test", environment.ToDictionary(pair => pair.Name, pair => pair.Value), out IReadOnlyList<string> warnings);
        return (configuration, warnings);
    }
}
