using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Keys in SoftHSM and in NSS, and tokens that go away.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TokenTests
{
    private const string SoftHsm = "/usr/lib/softhsm/libsofthsm2.so";
    private const string Nss = "/usr/lib/x86_64-linux-gnu/libsoftokn3.so";
    private const string Pin = "correct-pin";

    private string _directory = "";
    private Dictionary<string, string> _environment = [];

    [SetUp]
    public async Task MakeTokens()
    {
        _directory = Directory.CreateTempSubdirectory("tlspool-hsm-").FullName;
        Directory.CreateDirectory(Path.Combine(_directory, "tokens"));
        string file = Path.Combine(_directory, "softhsm2.conf");
        await File.WriteAllTextAsync(file, $"directories.tokendir = {_directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        _environment = new() { ["SOFTHSM2_CONF"] = file };
        (int code, string output) = await ChildProcess.RunAsync(
            "softhsm2-util", ["--init-token", "--free", "--label", "pool", "--so-pin", "so-pin-1", "--pin", Pin], _environment);
        Assert.That(code, Is.Zero, output);
    }

    [TearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    [TestCase("p-256")]
    [TestCase("p-384")]
    [TestCase("p-521")]
    [TestCase("rsa-2048")]
    [TestCase("ed25519")]
    public async Task Handshakes_are_signed_in_SoftHSM(string algorithm)
    {
        await using PoolProcess pool = await StartAsync(Configuration(Pin));
        string certificate = await pool.IdentityAsync("token.example", "--algorithm", algorithm, "--token", "pkcs11:token=pool");
        await ExpectHandshakesAsync(pool, certificate, "-tls1_2", "-tls1_3");
        Assert.That(await pool.RunAsync("identity", "show", "token.example"), Does.Contain("pkcs11:").And.Contains("token=pool"));
        // The key is in the token, and cannot be taken out of it.
        (_, string objects) = await ChildProcess.RunAsync(
            "pkcs11-tool", ["--module", SoftHsm, "--login", "--pin", Pin, "--token-label", "pool", "--list-objects", "--type", "privkey"], _environment);
        Assert.That(objects, Does.Contain("never extractable").And.Contains("sensitive"));
        Assert.That(pool.Log, Does.Not.Contain(Pin));
    }

    [TestCase("p-256")]
    [TestCase("rsa-2048")]
    public async Task Handshakes_are_signed_in_NSS(string algorithm)
    {
        string database = Path.Combine(_directory, "nss");
        Directory.CreateDirectory(database);
        string password = Path.Combine(_directory, "nss.password");
        await File.WriteAllTextAsync(password, Pin + "\n");
        (int code, string output) = await ChildProcess.RunAsync("certutil", ["-N", "-d", "sql:" + database, "-f", password]);
        Assert.That(code, Is.Zero, output);
        await using PoolProcess pool = await StartAsync(
            $"pkcs11_path {Nss}\npkcs11_init_args configdir='sql:{database}' flags=\npkcs11_pin {Pin}\npkcs11_token pkcs11:token=NSS%20Certificate%20DB\n");
        string certificate = await pool.IdentityAsync("token.example", "--algorithm", algorithm, "--token", "pkcs11:token=NSS%20Certificate%20DB");
        await ExpectHandshakesAsync(pool, certificate, "-tls1_2", "-tls1_3");
    }

    [Test]
    public async Task A_key_that_another_tool_made_is_found_by_its_URI()
    {
        (int code, string output) = await ChildProcess.RunAsync(
            "pkcs11-tool",
            ["--module", SoftHsm, "--login", "--pin", Pin, "--token-label", "pool", "--keypairgen", "--key-type", "EC:prime256v1", "--id", "a1b2", "--label", "mine"],
            _environment);
        Assert.That(code, Is.Zero, output);
        var openssl = new Openssl(Path.Combine(_directory, "ca"));
        await openssl.MakeAuthorityAsync();
        await using PoolProcess pool = await StartAsync(Configuration(Pin));
        // The certificate comes from an authority: for another key it is refused.
        (string foreign, _) = await openssl.IssueAsync("token.example", "subjectAltName=DNS:token.example");
        (int refused, string reason) = await pool.TryAsync(
            "identity", "add", "token.example", "--certificate", foreign, "--key", "pkcs11:token=pool;id=%a1%b2");
        Assert.That(refused, Is.EqualTo(1));
        Assert.That(reason, Does.Contain("is for another key"));
    }

    [TestCase("p-256")]
    [TestCase("rsa-2048")]
    public async Task A_key_whose_request_was_lost_is_listed_and_removed(string algorithm)
    {
        const string token = "pkcs11:token=pool";
        await using PoolProcess pool = await StartAsync(Configuration(Pin));
        await pool.IdentityAsync("token.example", "--algorithm", algorithm, "--token", token);
        await pool.RunAsync("identity", "generate", "lost.example", "--algorithm", algorithm, "--token", token, "--csr", Path.Combine(_directory, "lost.csr"));
        string[] keys = (await pool.RunAsync("identity", "keys", "--token", token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(keys, Has.Length.EqualTo(2));
        Assert.That(keys, Has.One.EndsWith("  used by token.example").And.One.EndsWith("  unused"));
        string[] references = [.. keys.OrderBy(line => line.EndsWith("unused", StringComparison.Ordinal)).Select(line => line.Split("  ")[0])];
        (int refused, string reason) = await pool.TryAsync("identity", "remove-key", references[0]);
        Assert.That((refused, reason), Is.EqualTo((1, "tlspool: token.example has this key: 'tlspool identity remove token.example' comes first\n")));
        (refused, reason) = await pool.TryAsync("identity", "remove-key", token);
        Assert.That(refused, Is.EqualTo(1));
        Assert.That(reason, Does.Contain("several keys are pkcs11:token=pool"));
        await pool.RunAsync("identity", "remove-key", references[1]);
        (_, string objects) = await ChildProcess.RunAsync(
            "pkcs11-tool", ["--module", SoftHsm, "--login", "--pin", Pin, "--token-label", "pool", "--list-objects"], _environment);
        Assert.That(objects.Split("Private Key Object").Length - 1, Is.EqualTo(1), objects);
        Assert.That(objects.Split("Public Key Object").Length - 1, Is.EqualTo(1), objects);
        Assert.That(objects, Does.Match("Usage: +sign").And.Not.Contains("decrypt").And.Not.Contains("wrap"));
    }

    [Test]
    public async Task A_wrong_PIN_is_tried_once()
    {
        await using PoolProcess pool = await StartAsync(Configuration("wrong-pin"));
        await pool.WaitForLogAsync("CKR_PIN_INCORRECT");
        // SoftHSM tells after a failure that tries are fewer; the pool must not make that worse, however often it is asked to sign.
        await using PoolProcess right = await StartAsync(Configuration(Pin));
        await right.IdentityAsync("token.example", "--token", "pkcs11:token=pool");
        Assert.That(Refusals(pool), Is.EqualTo(1));
        Assert.That(pool.Log, Does.Not.Contain("wrong-pin").And.Contains("stays unused"));
        Assert.That(pool.IsAlive());
    }

    [Test]
    public async Task A_PIN_that_was_corrected_is_used_after_a_reload()
    {
        await using PoolProcess pool = await StartAsync(Configuration("wrong-pin"));
        await pool.WaitForLogAsync("stays unused");
        string file = Path.Combine(pool.Directory, "tlspool.conf");
        // The same PIN again is no reason to try it again.
        pool.Daemon.Signal("HUP");
        await pool.WaitForLogAsync("configuration read again");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("wrong-pin", Pin, StringComparison.Ordinal));
        string certificate = await pool.IdentityAsync("token.example", "--token", "pkcs11:token=pool");
        pool.Daemon.Signal("HUP");
        await pool.WaitForLogAsync("is ready");
        await ExpectHandshakesAsync(pool, certificate, "-tls1_3");
        Assert.That(Refusals(pool), Is.EqualTo(1));
        Assert.That(pool.Log, Does.Not.Contain("wrong-pin").And.Not.Contains(Pin));
    }

    [Test]
    public async Task A_token_that_goes_away_is_found_again()
    {
        // p11-kit's server stands for a token on a cable: ending it is pulling the plug.
        await using PoolProcess local = await StartAsync(Configuration(Pin));
        string certificate = await local.IdentityAsync("token.example", "--token", "pkcs11:token=pool");
        string show = await local.RunAsync("identity", "show", "token.example", "--json");
        string key = show.Split("\"key\": \"")[1].Split('"')[0];

        string address = Path.Combine(_directory, "p11.sock");
        ChildProcess server = await RemoteAsync(address);
        _environment["P11_KIT_SERVER_ADDRESS"] = "unix:path=" + address;
        await using PoolProcess pool = await StartAsync(
            $"pkcs11_path /usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so\npkcs11_pin {Pin}\npkcs11_token pkcs11:token=pool\n");
        await pool.RunAsync("identity", "add", "token.example", "--certificate", certificate, "--key", key);
        await pool.RunAsync("trust", "add", certificate);
        await ExpectHandshakesAsync(pool, certificate, "-tls1_3");

        await server.DisposeAsync();
        File.Delete(address);
        using (Backend backend = Backend.Echo())
        await using (TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", backend.Address, "--timeout", "3"))
        {
            // Without the token: an answer in bounded time.
            (int code, string output) = await ClientAsync(tunnel, certificate, "-tls1_3");
            Assert.That(code, Is.Not.Zero, output);
        }
        Assert.That(pool.IsAlive());

        await using ChildProcess again = await RemoteAsync(address);
        await pool.Daemon.WaitForAsync(log => log.Split("is ready").Length - 1 >= 2);
        await ExpectHandshakesAsync(pool, certificate, "-tls1_3");
    }

    [TestCase("")]
    [TestCase("file:")]
    [TestCase("file://")]
    [TestCase("file://localhost")]
    public async Task The_PIN_may_be_in_a_file_that_the_URI_names(string form)
    {
        string file = Path.Combine(_directory, "the pin");
        await File.WriteAllTextAsync(file, Pin + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // Escaped once for the file: URI, and all of it once more for the attribute (RFC 7512 section 2.3).
        string source = form.Length == 0 ? file : form + file.Replace(" ", "%20", StringComparison.Ordinal);
        await using PoolProcess pool = await StartAsync($"pkcs11_path {SoftHsm}\npkcs11_token pkcs11:token=pool?pin-source={Uri.EscapeDataString(source)}\n");
        await pool.WaitForLogAsync("is ready");
    }

    [Test]
    public async Task A_module_that_is_not_there_stops_the_start()
    {
        InvalidOperationException? failure = await Assert.ThrowsAsync<InvalidOperationException>(() => PoolProcess.StartAsync("pkcs11_path /nowhere.so\n"));
        Assert.That(failure!.Message, Does.Contain("pkcs11_path /nowhere.so: there is no such file"));
    }

    private static int Refusals(PoolProcess pool) =>
        pool.Log.Split('\n').Count(line => line.Contains("ERR PKCS11", StringComparison.Ordinal) && line.Contains("CKR_PIN_INCORRECT", StringComparison.Ordinal));

    private Task<PoolProcess> StartAsync(string configuration) => PoolProcess.StartAsync(configuration, _environment);

    private static string Configuration(string pin) => $"pkcs11_path {SoftHsm}\npkcs11_pin {pin}\npkcs11_token pkcs11:token=pool\n";

    private async Task<ChildProcess> RemoteAsync(string address)
    {
        ChildProcess server = ChildProcess.Start("p11-kit", ["server", "--foreground", "--provider", SoftHsm, "--name", address, "pkcs11:"], _environment);
        for (int i = 0; i < 200 && !File.Exists(address); i++)
            await Task.Delay(25);
        return server;
    }

    private static async Task ExpectHandshakesAsync(PoolProcess pool, string certificate, params string[] versions)
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", backend.Address);
        foreach (string version in versions)
        {
            (int code, string output) = await ClientAsync(tunnel, certificate, version);
            Assert.That(code, Is.Zero, output);
            Assert.That(output, Does.Contain("Verification: OK"));
        }
    }

    private static Task<(int ExitCode, string Output)> ClientAsync(TunnelProcess tunnel, string certificate, string version) => ChildProcess.RunAsync(
        "openssl",
        ["s_client", "-connect", tunnel.Address, "-servername", "token.example", "-CAfile", certificate, "-verify_return_error", version],
        input: "Q\n");
}
