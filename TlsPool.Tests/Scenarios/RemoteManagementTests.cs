using System.Text;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Programs of other hosts: known by certificates, which the pool judges as those of all peers.</summary>
[Parallelizable]
public sealed class RemoteManagementTests
{
    private string _directory = "";
    private Openssl _theirs = null!;
    private PoolProcess _pool = null!;
    private string _address = "";
    private string _server = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _directory = Directory.CreateTempSubdirectory("tlspool-remote-").FullName;
        _address = $"127.0.0.1:{PoolProcess.FreePort()}";
        (Openssl ours, _theirs) = (new Openssl(In("ours")), new Openssl(In("theirs")));
        await ours.MakeAuthorityAsync();
        await _theirs.MakeAuthorityAsync();
        await IssueAsync(ours, "alice@example.com");
        await IssueAsync(ours, "viewer@example.com");
        await IssueAsync(ours, "mallory@example.com");
        await IssueAsync(ours, "late@example.com", days: -1);
        await IssueAsync(_theirs, "alice@example.com", file: "foreign");
        _pool = await PoolProcess.StartAsync(
            $"""
            manage_address {_address}
            manage_identity pool.example
            manage_allow admin identity:alice@example.com
            manage_allow admin identity:late@example.com
            manage_allow viewer identity:viewer@example.com

            """,
            prepare: async pool =>
            {
                _server = await pool.IdentityAsync("pool.example");
                await pool.RunAsync("trust", "add", ours.Authority);
            });
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _pool.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task A_certificate_shows_who_it_is_and_what_they_may()
    {
        (int code, string output) = await AsAsync("alice@example.com", "log", "level", "debug");
        Assert.That(code, Is.Zero, output);
        await _pool.WaitForAuditAsync("the log has level debug, until the configuration is read again, by alice@example.com (admin)");
        (code, output) = await AsAsync("viewer@example.com", "session", "list", "--json");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("viewer@example.com"), "the session that carries this very connection");
        (code, output) = await AsAsync("viewer@example.com", "session", "close", "1", "--yes");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("session.close takes the role operator, and viewer@example.com has viewer"));
        (code, output) = await AsAsync("mallory@example.com", "node", "list");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("mallory@example.com may not manage this pool: see manage_allow"));
    }

    [TestCase("late@example.com")]
    [TestCase("foreign")]
    public async Task Certificates_that_are_not_good_get_nowhere(string file)
    {
        (int code, string output) = await AsAsync(file, "node", "list");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Not.Contain("STATUS"));
        await _pool.WaitForLogAsync($"at {_address} is refused");
    }

    [TestCase("late@example.com", "the certificate expired at")]
    [TestCase("foreign", "it may not trust the certificate")]
    public async Task The_console_says_what_may_be_wrong_with_a_certificate_and_tries_again(string file, string reason)
    {
        await using TmuxTerminal terminal = await TmuxTerminal.StartAsync(
            250, 20, PoolProcess.Program, "console", "--connect", _address, "--server-name", "pool.example", "--authority", _server, "--certificate", In($"{file}.pem"));
        await terminal.WaitForAsync(screen => screen.Contains(reason, StringComparison.Ordinal) && screen.Contains("trying again in", StringComparison.Ordinal), reason);
        await terminal.PressAsync("q");
        await terminal.WaitForAsync("left with 0");
    }

    [Test]
    public async Task A_program_makes_sure_that_it_is_the_right_pool()
    {
        string[] reach = ["node", "list", "--connect", _address, "--certificate", In("alice@example.com.pem")];
        (int code, string output) = await _pool.TryAsync([.. reach, "--server-name", "pool.example", "--authority", _theirs.Authority]);
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("certificate"));
        (code, output) = await _pool.TryAsync([.. reach, "--server-name", "other.example", "--authority", _server]);
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Not.Contain("STATUS"));
        (code, output) = await _pool.TryAsync(["node", "list", "--connect", _address]);
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("--connect needs --certificate"));
    }

    private Task<(int ExitCode, string Output)> AsAsync(string file, params string[] arguments) => _pool.TryAsync(
        [.. arguments, "--connect", _address, "--server-name", "pool.example", "--authority", _server, "--certificate", In($"{file}.pem")]);

    private string In(string file) => Path.Combine(_directory, file);

    /// <summary>A file with certificate and key, as <c>--certificate</c> takes it.</summary>
    private async Task IssueAsync(Openssl authority, string identity, int days = 30, string? file = null)
    {
        (string certificate, string key) = await authority.IssueAsync(
            identity, $"subjectAltName=email:{identity}\nextendedKeyUsage=clientAuth\nbasicConstraints=CA:false\n", days);
        await File.WriteAllTextAsync(In($"{file ?? identity}.pem"), await File.ReadAllTextAsync(certificate) + await File.ReadAllTextAsync(key), Encoding.ASCII);
    }
}
