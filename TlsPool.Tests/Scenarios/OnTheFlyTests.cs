using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Crypto.Tokens;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Certificates that are made for the moment, with openssl and curl as those who have to believe them.</summary>
[Parallelizable]
public sealed class OnTheFlyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private string _directory = "";
    private Openssl _openssl = null!;
    private PoolProcess _pool = null!;
    private Backend _backend = null!;
    private TunnelProcess _tunnel = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _directory = Directory.CreateTempSubdirectory("tlspool-test-").FullName;
        _openssl = new Openssl(_directory);
        await _openssl.MakeAuthorityAsync();
        _pool = await StartPoolAsync(_openssl.Authority, _openssl.PathOf("ca.key"));
        await _pool.RunAsync("trust", "add", _openssl.Authority);
        await _pool.RunAsync("access", "add", "secret.example", "--user", "nobody");
        _backend = Backend.Echo();
        _tunnel = await _pool.TunnelAsync("--server", "--onthefly", "--connect", _backend.Address);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _tunnel.DisposeAsync();
        await _pool.DisposeAsync();
        _backend.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [TestCase("-tls1_2", "first.example")]
    [TestCase("-tls1_3", "deep.below.first.example")]
    public async Task Whoever_trusts_the_authority_believes_the_certificate(string version, string name)
    {
        string leaf = await SeeAsync(_tunnel, name, "-CAfile", _openssl.Authority, "-verify_return_error", "-verify_hostname", name, version);
        Assert.That(await Openssl.RunAsync("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile", _openssl.Authority, leaf), Does.Contain("OK"));
        (int asClient, string refusal) = await ChildProcess.RunAsync("openssl", ["verify", "-purpose", "sslclient", "-CAfile", _openssl.Authority, leaf]);
        Assert.That(asClient, Is.Not.Zero, refusal);
        string text = await Openssl.RunAsync("x509", "-in", leaf, "-noout", "-text");
        Assert.That(text, Does.Contain($"DNS:{name}").And.Contains("TLS Web Server Authentication").And.Contains("CA:FALSE"));
        Assert.That(text, Does.Not.Contain("CRL Distribution").And.Not.Contains("OCSP").And.Not.Contains("TLS Web Client"));
        string dates = await Openssl.RunAsync("x509", "-in", leaf, "-noout", "-dates");
        Assert.That(Date(dates, "notAfter=") - Date(dates, "notBefore="), Is.EqualTo(TimeSpan.FromMinutes(5)));
        await _pool.WaitForAuditAsync("certificate ", "--kind", "on-the-fly", "--decision", "allowed", "--identity", name);
        await _pool.WaitForAuditAsync($"signed a certificate of a moment for {name}", "--kind", "key-use");
    }

    [Test]
    public async Task Curl_reads_a_page_through_an_interceptor_that_checks_the_real_server()
    {
        using Backend real = Backend.Http("<p>the real page</p>");
        string certificate = await _pool.IdentityAsync("real.example", "--role", "server");
        await using TunnelProcess server = await _pool.TunnelAsync("--server", "--connect", real.Address, "--local-id", "real.example", "--service", "http");
        await using TunnelProcess onwards = await _pool.TunnelAsync("--client", "--connect", server.Address, "--remote-id", "real.example", "--service", "http");
        await using TunnelProcess interceptor = await _pool.TunnelAsync("--server", "--onthefly", "--connect", onwards.Address, "--service", "http");
        string address = string.Create(CultureInfo.InvariantCulture, $"real.example:{interceptor.Port}");
        string[] arguments = ["-sS", "--noproxy", "*", "--resolve", $"{address}:127.0.0.1", $"https://{address}/", "--cacert"];
        (int code, string page) = await ChildProcess.RunAsync("curl", [.. arguments, _openssl.Authority]);
        Assert.That(code, Is.Zero, page);
        Assert.That(page, Does.Contain("the real page"));
        // Whoever trusts the real server only notices.
        (int noticed, string refusal) = await ChildProcess.RunAsync("curl", [.. arguments, certificate]);
        Assert.That(noticed, Is.EqualTo(60), refusal);
    }

    [Test]
    public async Task Sessions_at_once_for_one_name_share_one_certificate()
    {
        string[] seen = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
            await File.ReadAllTextAsync(await SeeAsync(_tunnel, "shared.example", "-CAfile", _openssl.Authority, "-verify_return_error", number % 2 == 0 ? "-tls1_2" : "-tls1_3"))));
        Assert.That(seen.Distinct().ToList(), Has.Count.EqualTo(1));
        await _pool.WaitForAuditAsync("signed a certificate of a moment for shared.example", "--kind", "key-use");
        string made = await _pool.RunAsync("audit", "query", "--json", "--kind", "key-use", "--identity", "shared.example");
        Assert.That(made.Split("signed a certificate of a moment").Length - 1, Is.EqualTo(1));
    }

    [TestCase("127.0.0.1")]
    [TestCase("*.example.com")]
    [TestCase("under_score.example")]
    [TestCase("-dash.example")]
    [TestCase("a..b")]
    [TestCase("1.2.3.4.5")]
    [TestCase("user@host.example")]
    [TestCase("null\u0001.example")]
    public async Task Nothing_is_made_for_what_is_no_host_name(string name)
    {
        (int code, string output) = await ChildProcess.RunAsync("openssl", ["s_client", "-connect", _tunnel.Address, "-servername", name], input: "Q\n");
        Assert.That(code, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("no peer certificate available"));
        Assert.That(_pool.Log, Does.Not.Contain($"vouches for {name}"));
    }

    [Test]
    public async Task A_client_without_SNI_gets_none()
    {
        (int code, string output) = await ChildProcess.RunAsync("openssl", ["s_client", "-connect", _tunnel.Address, "-noservername"], input: "Q\n");
        Assert.That(code, Is.Not.Zero, output);
        await _pool.WaitForLogAsync("the client names no server (SNI)");
    }

    [Test]
    public async Task Access_rules_guard_names_on_the_fly_too()
    {
        (int code, string output) = await ChildProcess.RunAsync("openssl", ["s_client", "-connect", _tunnel.Address, "-servername", "SECRET.example"], input: "Q\n");
        Assert.That(code, Is.Not.Zero, output);
        await _pool.WaitForLogAsync("may not use secret.example");
        Assert.That(_pool.Log, Does.Not.Contain("vouches for secret.example"));
    }

    [TestCase(StartTlsFlags.None)]
    [TestCase(StartTlsFlags.LocalIdCheck)]
    public async Task A_user_proves_who_he_is_for_the_moment(StartTlsFlags flags)
    {
        await using TlsPoolClient client = _pool.Client();
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.LocalIdOnTheFly));
        using TlsSession asking = await client.StartTlsAsync(far, StartTlsOptions.Client("server.example", StartTlsFlags.LocalIdOnTheFly) with
        {
            LocalId = "john@first.example",
            CheckLocalId = flags == StartTlsFlags.None ? null : (_, _) => ValueTask.FromResult(LocalIdAnswer.Change("mary@first.example")),
        }).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
        string user = flags == StartTlsFlags.None ? "john@first.example" : "mary@first.example";
        Assert.That((asking.LocalId, served.RemoteId, asking.RemoteId), Is.EqualTo((user, user, "server.example")));
    }

    [TestCase("no\u00fc@first.example")]
    [TestCase("under_score.example")]
    [TestCase("")]
    public async Task A_client_is_told_what_no_certificate_is_made_for(string localId)
    {
        await using TlsPoolClient client = _pool.Client();
        (Socket near, Socket far) = RawApplication.TcpPair();
        using Socket peer = far;
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => client.StartTlsAsync(
            near, StartTlsOptions.Client("server.example", StartTlsFlags.LocalIdOnTheFly) with { LocalId = localId }).WaitAsync(Patience));
        Assert.That(refused!.Error, Is.EqualTo(PoolError.ConnectionDriverSetup));
    }

    [Test]
    public async Task Where_no_authority_is_configured_applications_are_told()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await using TlsPoolClient client = pool.Client();
        (Socket near, Socket far) = RawApplication.TcpPair();
        using Socket peer = far;
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => client.StartTlsAsync(
            near, StartTlsOptions.Server("server.example", StartTlsFlags.LocalIdOnTheFly)).WaitAsync(Patience));
        Assert.That(refused!.Error, Is.EqualTo(PoolError.CommandNotImplemented));
        Assert.That(refused.Message, Does.Contain("tls_onthefly_signcert"));
    }

    [Test]
    public async Task A_session_renegotiates_with_a_certificate_of_that_moment()
    {
        await using ChildProcess client = ChildProcess.Start(
            "openssl", ["s_client", "-connect", _tunnel.Address, "-servername", "again.example", "-tls1_2", "-CAfile", _openssl.Authority, "-verify_return_error"]);
        await client.WaitForAsync("Verification: OK");
        await client.Input.WriteAsync("R\n");
        await client.WaitForAsync("RENEGOTIATING");
        await client.Input.WriteAsync("after the renegotiation\n");
        await client.Input.FlushAsync();
        await client.WaitForAsync("after the renegotiation\n");
        await _pool.WaitForLogAsync("renewed at the peer's wish");
    }

    [TestCase("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nnameConstraints=critical,permitted;DNS:inside.example", "at.inside.example", true)]
    [TestCase("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nnameConstraints=critical,permitted;DNS:inside.example", "outside.example", false)]
    [TestCase("basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign", "any.example", true)]
    [TestCase("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nextendedKeyUsage=clientAuth", "any.example", false)]
    public async Task What_the_signing_certificate_does_not_allow_is_not_made(string extensions, string name, bool allowed)
    {
        (string certificate, string key) = await _openssl.IssueAsync($"sub{Guid.NewGuid():N}", extensions);
        string chain = certificate + ".chain";
        await File.WriteAllTextAsync(chain, await File.ReadAllTextAsync(certificate) + await File.ReadAllTextAsync(_openssl.Authority));
        await ExpectAsync(chain, key, name, allowed);
    }

    [TestCase("at.inside.example", true)]
    [TestCase("outside.example", false)]
    public async Task Name_constraints_of_a_self_signed_authority_count_too(string name, bool allowed)
    {
        string certificate = _openssl.PathOf($"fly{name}.pem"), key = _openssl.PathOf($"fly{name}.key");
        await Openssl.RunAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", key, "-out", certificate, "-days", "90",
            "-subj", "/CN=Inspection", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign",
            "-addext", "nameConstraints=critical,permitted;DNS:inside.example");
        await ExpectAsync(certificate, key, name, allowed, trusted: certificate);
    }

    [Test]
    public async Task A_path_that_is_too_long_is_noticed()
    {
        await _openssl.IssueAsync("short", "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign");
        (string certificate, string key) = await _openssl.IssueAsync("toolong", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign", issuer: "short");
        string chain = certificate + ".chain";
        await File.WriteAllTextAsync(chain, string.Concat(new[] { certificate, _openssl.PathOf("short.pem"), _openssl.Authority }.Select(File.ReadAllText)));
        await ExpectAsync(chain, key, "any.example", allowed: false);
    }

    [Test]
    public async Task An_expired_signing_certificate_and_a_key_of_another_make_nothing()
    {
        (string expired, string key) = await _openssl.IssueAsync("expired", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign", days: -1);
        await ExpectAsync(expired, key, "any.example", allowed: false);
        (_, string other) = await _openssl.IssueAsync("other", "basicConstraints=critical,CA:TRUE");
        await ExpectAsync(_openssl.Authority, other, "any.example", allowed: false, useKeyOf: _openssl.PathOf("other.pem"));
    }

    [Test]
    public async Task The_authority_s_key_stays_in_its_token()
    {
        await using SoftHsm token = await SoftHsm.MakeAsync();
        await Openssl.RunAsync("pkey", "-in", _openssl.PathOf("ca.key"), "-outform", "DER", "-out", _openssl.PathOf("ca.der"));
        await token.ToolAsync("--write-object", _openssl.PathOf("ca.der"), "--type", "privkey", "--label", "fly", "--id", "01", "--usage-sign");
        await using PoolProcess pool = await PoolProcess.StartAsync(
            $"pkcs11_path {SoftHsm.Remote}\npkcs11_pin {SoftHsm.Pin}\npkcs11_token pkcs11:token=pool\n"
            + $"tls_onthefly_signcert file://{_openssl.Authority}\ntls_onthefly_signkey pkcs11:token=pool;object=fly\n",
            new Dictionary<string, string> { ["P11_KIT_SERVER_ADDRESS"] = token.Address });
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--onthefly", "--connect", _backend.Address);
        await SeeAsync(tunnel, "token.example", "-CAfile", _openssl.Authority, "-verify_return_error");
        await pool.WaitForAuditAsync("signed a certificate of a moment for token.example", "--kind", "key-use");
        Assert.That(await pool.RunAsync("audit", "query", "--json", "--kind", "key-use", "--identity", "token.example"), Does.Contain("pkcs11:token=pool"));
    }

    [Test]
    public async Task A_signing_certificate_that_is_no_authority_stops_the_start()
    {
        (string leaf, string key) = await _openssl.IssueAsync("leaf", "subjectAltName=DNS:leaf.example");
        Assert.That(
            async () => await (await StartPoolAsync(leaf, key)).DisposeAsync(),
            Throws.InvalidOperationException.With.Message.Contains("tls_onthefly_signcert").And.Message.Contains("basicConstraints lacks CA:TRUE"));
    }

    /// <summary>Tries an authority: with its certificate openssl believes the pool, or gets nothing to believe.</summary>
    private async Task ExpectAsync(string certificate, string key, string name, bool allowed, string? useKeyOf = null, string? trusted = null)
    {
        await using PoolProcess pool = await StartPoolAsync(certificate, key, useKeyOf);
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--onthefly", "--connect", _backend.Address);
        (int code, string output) = await ChildProcess.RunAsync(
            "openssl", ["s_client", "-connect", tunnel.Address, "-servername", name, "-CAfile", trusted ?? _openssl.Authority, "-verify_return_error"], input: "Q\n");
        Assert.That(code == 0, Is.EqualTo(allowed), output);
        if (allowed)
            return;
        Assert.That(output, Does.Contain("no peer certificate available"));
        await pool.WaitForAuditAsync($"no certificate for {name} on the fly: ", "--kind", "on-the-fly", "--decision", "refused");
    }

    /// <summary>Starts a pool whose built-in store has the authority's key, taken in as docs/onthefly.md says.</summary>
    private static async Task<PoolProcess> StartPoolAsync(string certificate, string key, string? keyCertificate = null)
    {
        string from = keyCertificate ?? certificate;
        using X509Certificate2 own = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(from));
        string name = $"signer.example-{Convert.ToHexStringLower(SHA256.HashData(own.RawData))[..12]}";
        return await PoolProcess.StartAsync(
            $"tls_onthefly_signcert file:{certificate}\ntls_onthefly_signkey builtin:{name}\n",
            prepare: async pool =>
            {
                await pool.RunAsync("identity", "add", "signer.example", "--certificate", from, "--key", key);
                await pool.RunAsync("identity", "remove", "signer.example", "--keep-key");
            });
    }

    /// <summary>Connects and keeps the certificate that is shown.</summary>
    private async Task<string> SeeAsync(TunnelProcess tunnel, string name, params string[] options)
    {
        (int code, string output) = await ChildProcess.RunAsync("openssl", ["s_client", "-connect", tunnel.Address, "-servername", name, .. options], input: "Q\n");
        Assert.That(code, Is.Zero, output);
        const string end = "-----END CERTIFICATE-----";
        int from = output.IndexOf("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal);
        string file = Path.Combine(_directory, $"{Guid.NewGuid():N}.pem");
        await File.WriteAllTextAsync(file, output[from..(output.IndexOf(end, StringComparison.Ordinal) + end.Length)] + "\n");
        return file;
    }

    private static DateTime Date(string output, string label) => DateTime.ParseExact(
        output.Split('\n').First(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..].Replace("  ", " ", StringComparison.Ordinal),
        "MMM d HH:mm:ss yyyy 'GMT'", CultureInfo.InvariantCulture);
}
