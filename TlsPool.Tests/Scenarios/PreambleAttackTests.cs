using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Peers that break the rules before TLS.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PreambleAttackTests
{
    private const string SslRequest = "\0\0\0\u0008\u0004\u00d2\u0016\u002f";
    private const string LdapStartTls = "0\u001d\u0002\u0001\u0001w\u0018\u0080\u00161.3.6.1.4.1.1466.20037";
    private const string XmppStart = "<stream:stream to='server.example' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
    private const string XmppStartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    private const string Hello = "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000c\u0003\u0003";

    private PoolProcess _pool = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        await _pool.IdentityAsync("server.example");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    // What follows in the clear must never be taken for something said under TLS (CVE-2011-0411, CVE-2021-23214 and relatives).
    [TestCase("smtp", "EHLO me\r\nSTARTTLS\r\nMAIL FROM:<injected@example.com>\r\n")]
    [TestCase("imap", "a STARTTLS\r\nb LOGIN injected password\r\n")]
    [TestCase("pop3", "STLS\r\nUSER injected\r\n")]
    [TestCase("xmpp", XmppStart + XmppStartTls + "<injected xmlns='jabber:client' to='server.example'/>")]
    [TestCase("ldap", LdapStartTls + "0injected injected injected")]
    [TestCase("postgres", SslRequest + "\0\0\0\u0020\0\u0003\0\0user\0injected\0\0\0\0\0\0")]
    public async Task Plaintext_behind_the_request_for_TLS_is_refused(string protocol, string sent)
    {
        var heard = new StringBuilder();
        using Backend backend = Hearing(protocol, heard);
        await using TunnelProcess tunnel = await ServerAsync(protocol, backend);
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        await SendAsync(socket, sent);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"event\":\"failed\""));
        Assert.That(Text(heard), Does.Not.Contain("injected"));
    }

    // A literal or a line end of another kind would make the backend take what comes under TLS for something else.
    [TestCase("imap", "a CAPABILITY {20+}\r\n", "tlspool1 CAPABILITY\r\n")]
    [TestCase("smtp", "EHLO injected\r\nHELO injected\r\n", "EHLO ")]
    public async Task Nothing_of_what_a_client_says_before_TLS_reaches_the_backend(string protocol, string sent, string expected)
    {
        var heard = new StringBuilder();
        using Backend backend = Hearing(protocol, heard);
        await using TunnelProcess tunnel = await ServerAsync(protocol, backend);
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        await SendAsync(socket, sent);
        Assert.That(() => Text(heard), Does.StartWith(expected).After(20_000, 20));
        Assert.That(Text(heard), Does.Not.Contain("{").And.Not.Contains("injected"));
    }

    [TestCase("smtp", "EHLO me\rMAIL FROM:<a@b>\r\n")]
    [TestCase("imap", "a CAPABILITY\rb LOGIN a b\r\n")]
    [TestCase("pop3", "CAPA\0\r\n")]
    public async Task Control_characters_make_no_second_line(string protocol, string sent)
    {
        var heard = new StringBuilder();
        using Backend backend = Hearing(protocol, heard);
        await using TunnelProcess tunnel = await ServerAsync(protocol, backend);
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        await SendAsync(socket, sent);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("control characters"));
        Assert.That(Text(heard), Is.Empty);
    }

    [TestCase("smtp", "of more than 8192 bytes")]
    [TestCase("imap", "of more than 8192 bytes")]
    [TestCase("pop3", "of more than 8192 bytes")]
    [TestCase("xmpp", "of more than 4096 bytes")]
    [TestCase("ldap", "does not speak LDAP")]
    [TestCase("postgres", "does not ask for TLS")]
    [TestCase("mysql", "does not ask for TLS")]
    public async Task A_line_without_an_end_is_refused(string protocol, string reason)
    {
        using Backend backend = Hearing(protocol, new StringBuilder());
        await using TunnelProcess tunnel = await ServerAsync(protocol, backend);
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        await SendAsync(socket, new string('x', 20_000));
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain(reason));
    }

    [TestCase("smtp", "begins TLS at once")]
    [TestCase("imap", "begins TLS at once")]
    [TestCase("pop3", "begins TLS at once")]
    [TestCase("xmpp", "begins TLS at once")]
    [TestCase("ldap", "does not speak LDAP")]
    [TestCase("postgres", "does not ask for TLS")]
    public async Task Tls_without_having_asked_is_refused_at_once(string protocol, string reason)
    {
        using Backend backend = Hearing(protocol, new StringBuilder());
        await using TunnelProcess tunnel = await ServerAsync(protocol, backend);
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        await SendAsync(socket, Hello);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain(reason));
    }

    [TestCase("smtp")]
    [TestCase("ldap")]
    public async Task A_client_that_says_nothing_is_not_waited_for_for_ever(string protocol)
    {
        using Backend backend = Hearing(protocol, new StringBuilder());
        await using TunnelProcess tunnel = await ServerAsync(protocol, backend, "--timeout", "1");
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("longer than the time limit"));
    }

    [TestCase("smtp", "220 mail.example ESMTP Postfix (Debian/GNU)\r\n", "250-mail.example\r\n250-SIZE 10240000\r\n250 CHUNKING\r\n", "does not offer STARTTLS")]
    [TestCase("smtp", "554 mail.example No service for you\r\n", "", "instead of 220")]
    [TestCase("imap", "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS] Dovecot ready.\r\n", "tlspool1 BAD Error in IMAP command: TLS support isn't enabled.\r\n", "refuses STARTTLS")]
    [TestCase("imap", "* PREAUTH IMAP4rev1 server logged in as Smith\r\n", "", "does not greet with OK")]
    [TestCase("imap", "* BYE overloaded\r\n", "", "does not greet with OK")]
    [TestCase("pop3", "+OK Dovecot ready.\r\n", "-ERR TLS support isn't enabled.\r\n", "refuses STLS")]
    [TestCase("xmpp", "", "<?xml version='1.0'?><stream:stream id='1' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>", "does not offer STARTTLS")]
    [TestCase("ldap", "", "0\u0033\u0002\u0001\u0001x\u002e\n\u0001\u0002\u0004\u0000\u0004\u0027unsupported extended operation: TLS now", "refuses StartTLS with result code 2")]
    [TestCase("postgres", "", "N", "does not offer TLS")]
    [TestCase("smtp", "\u0016\u0003\u0003\u0000\u0002", "", "begins TLS at once")]
    public async Task A_server_that_does_not_begin_TLS_is_left_with_a_reason(string protocol, string greeting, string answer, string reason)
    {
        using Backend server = Answering(greeting, answer);
        await using TunnelProcess tunnel = await ClientAsync(protocol, server);
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"event\":\"failed\"").And.Contains(reason));
        Assert.That(await socket.GetStream().ReadAsync(new byte[100]), Is.Zero, "the local client hears nothing of it");
    }

    // The other direction of the same attack: answers that come before TLS must not be believed after it.
    [TestCase("smtp", "220 mail.example\r\n", "250-mail.example\r\n250 STARTTLS\r\n", "220 go ahead\r\n250 injected\r\n")]
    [TestCase("imap", "* OK ready\r\n", "tlspool1 OK go ahead\r\n* CAPABILITY injected\r\n", "")]
    [TestCase("pop3", "+OK ready\r\n", "+OK go ahead\r\n+OK injected\r\n", "")]
    [TestCase("postgres", "", "SE\0\0\0\u0010injected\0\0\0", "")]
    public async Task Plaintext_behind_the_servers_consent_is_refused(string protocol, string greeting, string first, string second)
    {
        using Backend server = Answering(greeting, first, second);
        await using TunnelProcess tunnel = await ClientAsync(protocol, server);
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        if (protocol == "postgres")
            await SendAsync(socket, "\0\0\0\u0020\0\u0003\0\0user\0myself\0\0\0\0\0\0\0\0\0\0\0\0");
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"event\":\"failed\""));
        Assert.That(await ReceiveAsync(socket), Is.Zero);
    }

    [TestCase("smtp", "220-")]
    [TestCase("xmpp", "<stream:features")]
    [TestCase("ldap", "0\u0084\u007f\u00ff\u00ff\u00ff")]
    [TestCase("mysql", "\u00ff\u00ff\u00ff\0\n")]
    public async Task A_server_whose_answer_does_not_end_is_left(string protocol, string endless)
    {
        using var server = new Backend(async stream =>
        {
            byte[] bytes = Encoding.Latin1.GetBytes(endless + new string('x', 1000) + "\r\n");
            while (true)
                await stream.WriteAsync(bytes);
        });
        await using TunnelProcess tunnel = await ClientAsync(protocol, server);
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"event\":\"failed\""));
    }

    [Test]
    public async Task A_silent_server_is_not_waited_for_for_ever()
    {
        using Backend server = Answering("");
        await using TunnelProcess tunnel = await ClientAsync("smtp", server, "--timeout", "1");
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("longer than the time limit"));
    }

    private Task<TunnelProcess> ServerAsync(string protocol, Backend backend, params string[] options) =>
        _pool.TunnelAsync(["--server", "--connect", backend.Address, "--starttls", protocol, "--local-id", "server.example", .. options]);

    private Task<TunnelProcess> ClientAsync(string protocol, Backend server, params string[] options) =>
        _pool.TunnelAsync(["--client", "--connect", server.Address, "--starttls", protocol, "--remote-id", "server.example", .. options]);

    /// <summary>Bytes received; 0 for the end of the stream and for a reset, which a tunnel causes that closes what it has not read.</summary>
    private static async Task<int> ReceiveAsync(TcpClient socket)
    {
        try
        {
            return await socket.GetStream().ReadAsync(new byte[100]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task SendAsync(TcpClient socket, string text)
    {
        try
        {
            await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));
        }
        catch (IOException)
        {
            // It may be refused before it has read all of this.
            return;
        }
    }

    private static string Text(StringBuilder heard)
    {
        lock (heard)
            return heard.ToString();
    }

    /// <summary>A backend that greets, notes everything it is told and agrees to all of it.</summary>
    private static Backend Hearing(string protocol, StringBuilder heard) => new(async stream =>
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(protocol switch
        {
            "smtp" => "220 mail.example ESMTP\r\n",
            "imap" => "* OK ready\r\n",
            "pop3" => "+OK ready\r\n",
            "mysql" => "\u0034\0\0\0\n8.0.36\0\u0001\0\0\u000012345678\0\u00ff\u00f7\u0008\u0002\0\u00ff\u00c7\u0015\0\0\0\0\0\0\0\0\0\u0000123456789012\0",
            _ => "",
        }));
        byte[] buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            lock (heard)
                heard.Append(Encoding.Latin1.GetString(buffer, 0, count));
            await stream.WriteAsync(Encoding.Latin1.GetBytes(protocol switch
            {
                "smtp" => "250 mail.example\r\n",
                "imap" => "* CAPABILITY IMAP4rev1\r\ntlspool1 OK done\r\n",
                "pop3" => "+OK\r\n.\r\n",
                _ => "",
            }));
        }
    });

    /// <summary>A server with one answer to each message, which then waits for its client to leave.</summary>
    private static Backend Answering(string greeting, params string[] answers) => new(async stream =>
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(greeting));
        byte[] buffer = new byte[4096];
        foreach (string answer in answers)
        {
            if (await stream.ReadAsync(buffer) == 0)
                return;
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
        }
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    });
}
