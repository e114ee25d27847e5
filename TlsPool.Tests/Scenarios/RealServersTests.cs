using System.Globalization;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Servers that begin in the clear, as Debian has them: behind client tunnels, with TLS, and behind server tunnels, without.</summary>
[Parallelizable]
public sealed class RealServersTests
{
    private PoolProcess _pool = null!;
    private string _own = "";
    private (string Certificate, string Key) _mail;

    [OneTimeSetUp]
    public async Task Start()
    {
        if (Environment.UserName != "root")
            Assert.Ignore("Dovecot and PostgreSQL change to users of their own: only root can start them");
        _pool = await PoolProcess.StartAsync();
        File.SetUnixFileMode(_pool.Directory, (UnixFileMode)0x1ED); // 0755: those users look into it
        _own = await _pool.IdentityAsync("server.example", "--role", "server");
        var openssl = new Openssl(Path.Combine(_pool.Directory, "openssl"));
        await openssl.MakeAuthorityAsync();
        await _pool.RunAsync("trust", "add", openssl.Authority);
        _mail = await openssl.IssueAsync("real", "subjectAltName=DNS:real.example\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_pool is not null)
            await _pool.DisposeAsync();
    }

    [TestCase("imap", "* LIST (\\HasNoChildren) \".\" INBOX")]
    [TestCase("pop3", "")]
    public async Task A_client_without_TLS_reads_mail_of_Dovecot(string protocol, string mail)
    {
        (ChildProcess server, int port) = await DovecotAsync(protocol, "required", "disable_plaintext_auth = yes");
        await using ChildProcess ended = server;
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--connect", At(port), "--starttls", protocol, "--remote-id", "real.example");
        (int code, string output) = await ChildProcess.RunAsync("curl", ["-sS", $"{protocol}://{tunnel.Address}/", "-u", "joe:secret"]);
        Assert.That(code, Is.Zero, output + tunnel.Output + server.Output);
        Assert.That(output, Does.Contain(mail));
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"remoteId\":\"real.example\""));
    }

    [TestCase("imap")]
    [TestCase("pop3")]
    public async Task A_client_reads_mail_of_a_Dovecot_without_TLS(string protocol)
    {
        (ChildProcess server, int port) = await DovecotAsync(protocol, "no", "disable_plaintext_auth = no");
        await using ChildProcess ended = server;
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", At(port), "--starttls", protocol, "--local-id", "server.example");
        (int code, string output) = await ChildProcess.RunAsync(
            "curl",
            ["-sS", "-v", "--ssl-reqd", "--cacert", _own, "--connect-to", $"server.example:{Text(tunnel.Port)}:{tunnel.Address}", $"{protocol}://server.example:{Text(tunnel.Port)}/", "-u", "joe:secret"]);
        Assert.That(code, Is.Zero, output + tunnel.Output + server.Output);
    }

    [Test]
    public async Task Psql_without_TLS_asks_a_PostgreSQL_that_has_it()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(_pool.Directory, "with", _mail);
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--connect", At(server.Port), "--starttls", "postgres", "--remote-id", "real.example");
        foreach (string mode in new[] { "disable", "prefer" })
        {
            (int code, string output) = await PsqlAsync(tunnel.Port, $"sslmode={mode}");
            Assert.That(code, Is.Zero, output + tunnel.Output + server.Output);
            Assert.That(output, Does.StartWith("t|TLSv1.3"), "the server sees TLS");
        }
    }

    [Test]
    public async Task Psql_with_TLS_asks_a_PostgreSQL_that_has_none()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(_pool.Directory, "without", null);
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", At(server.Port), "--starttls", "postgres", "--local-id", "server.example");
        (int code, string output) = await PsqlAsync(tunnel.Port, $"sslmode=verify-full sslrootcert={_own} host=server.example hostaddr=127.0.0.1");
        Assert.That(code, Is.Zero, output + tunnel.Output + server.Output);
        Assert.That(output, Does.StartWith("f|"), "the server sees none");
        (code, output) = await PsqlAsync(tunnel.Port, "sslmode=disable");
        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain("TLS is required: connect with sslmode=require"));
    }

    private static Task<(int ExitCode, string Output)> PsqlAsync(int port, string options) => ChildProcess.RunAsync(
        "psql",
        ["-X", $"host=127.0.0.1 port={Text(port)} user=postgres dbname=postgres {options}", "-Atc", "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"]);

    private async Task<(ChildProcess Server, int Port)> DovecotAsync(string protocol, string ssl, string more)
    {
        string directory = Path.Combine(_pool.Directory, $"dovecot-{protocol}-{ssl}");
        Directory.CreateDirectory(Path.Combine(directory, "mail"));
        await ChildProcess.RunAsync("chown", ["mail:mail", Path.Combine(directory, "mail")]);
        int port = PoolProcess.FreePort();
        string file = Path.Combine(directory, "dovecot.conf");
        await File.WriteAllTextAsync(file, $$"""
            base_dir = {{directory}}/run
            state_dir = {{directory}}/run
            log_path = /dev/stderr
            protocols = {{protocol}}
            listen = 127.0.0.1
            ssl = {{ssl}}
            ssl_cert = <{{_mail.Certificate}}
            ssl_key = <{{_mail.Key}}
            {{more}}
            mail_location = maildir:{{directory}}/mail
            first_valid_uid = 1
            passdb {
              driver = static
              args = password=secret
            }
            userdb {
              driver = static
              args = uid=mail gid=mail home={{directory}}/mail
            }
            service {{protocol}}-login {
              inet_listener {{protocol}} {
                port = {{Text(port)}}
              }
              inet_listener {{protocol}}s {
                port = 0
              }
            }

            """);
        ChildProcess server = ChildProcess.Start("/usr/sbin/dovecot", ["-F", "-c", file]);
        await server.WaitForAsync("starting up");
        return (server, port);
    }

    private static string At(int port) => $"127.0.0.1:{Text(port)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
