using System.Text.Json;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>tlspool identity</c>, on its own and beside a running daemon.</summary>
[Parallelizable]
public sealed class IdentityCommandTests
{
    private const string Server = "subjectAltName=DNS:www.example\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature";

    private Installation _pool = null!;
    private Openssl _openssl = null!;

    [SetUp]
    public async Task Make()
    {
        _pool = new Installation();
        _openssl = new Openssl(_pool.PathOf("ca"));
        await _openssl.MakeAuthorityAsync();
    }

    [TearDown]
    public async Task Remove() => await _pool.DisposeAsync();

    [Test]
    public async Task What_is_generated_is_listed_shown_and_removed()
    {
        Assert.That(await _pool.RunAsync("identity", "list"), Does.Contain("There are no identities yet"));
        Assert.That(await _pool.RunAsync("identity", "generate", "WWW.example", "--role", "server", "--days", "10"), Does.StartWith("www.example: EcdsaP256 key builtin:www.example-"));
        await _pool.RunAsync("identity", "generate", "Anna@bücher.example", "--role", "client", "--algorithm", "ed25519");
        Assert.That(await _pool.RunAsync("identity", "list"), Does.Contain("www.example ").And.Contains("anna@xn--bcher-kva.example"));
        JsonElement[] list = await JsonAsync("identity", "list", "--json");
        Assert.That(list.Select(one => $"{one.GetProperty("identity")} {one.GetProperty("roles")}"), Is.EqualTo(new[] { "anna@xn--bcher-kva.example client", "www.example server" }));
        Assert.That(list[1].GetProperty("notAfter").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.UtcNow.AddDays(10)).Within(TimeSpan.FromHours(1)));
        string shown = await _pool.RunAsync("identity", "show", "www.example");
        Assert.That(shown, Does.Contain("roles        server").And.Contains("subject      CN=www.example").And.Contains("chain        1 certificate(s)"));
        await File.WriteAllTextAsync(_pool.PathOf("anna.pem"), await _pool.RunAsync("identity", "show", "anna@bücher.example", "--pem"));
        string text = await Openssl.RunAsync("x509", "-in", _pool.PathOf("anna.pem"), "-noout", "-text");
        Assert.That(text, Does.Contain("email:Anna@xn--bcher-kva.example").Or.Contain("email:anna@xn--bcher-kva.example"));
        Assert.That(text, Does.Contain("TLS Web Client Authentication").And.Not.Contains("TLS Web Server Authentication").And.Contains("CA:FALSE").And.Contains("ED25519"));
        Assert.That(await _pool.RunAsync("identity", "remove", "www.example"), Does.Contain("1 credential(s) removed"));
        Assert.That(await _pool.RefuseAsync("identity", "show", "www.example"), Does.Contain("there is no identity www.example: see 'tlspool identity list'"));
        Assert.That(await _pool.RefuseAsync("identity", "remove", "www.example"), Does.Contain("there is no such credential of www.example"));
    }

    [TestCase("p-256", "id-ecPublicKey")]
    [TestCase("p-521", "id-ecPublicKey")]
    [TestCase("rsa-2048", "rsaEncryption")]
    [TestCase("ed25519", "ED25519")]
    public async Task A_request_is_signed_elsewhere_and_added(string algorithm, string name)
    {
        string said = await _pool.RunAsync("identity", "generate", "www.example", "--csr", _pool.PathOf("www.csr"), "--algorithm", algorithm);
        string key = said.Split("--key '")[1].Split('\'')[0];
        Assert.That(await Openssl.RunAsync("req", "-in", _pool.PathOf("www.csr"), "-noout", "-verify", "-text"), Does.Contain("verify OK").And.Contains("DNS:www.example").And.Contains(name));
        Assert.That(await _pool.RunAsync("identity", "list"), Does.Contain("There are no identities yet"));
        await Openssl.RunAsync(
            "x509", "-req", "-in", _pool.PathOf("www.csr"), "-CA", _openssl.Authority, "-CAkey", _openssl.PathOf("ca.key"), "-CAcreateserial",
            "-copy_extensions", "copyall", "-out", _pool.PathOf("www.pem"), "-days", "20");
        Assert.That(await _pool.RunAsync("identity", "add", "www.example", "--key", key, "--certificate", _pool.PathOf("www.pem")), Does.Not.Contain("warning"));
        Assert.That((await JsonAsync("identity", "show", "www.example", "--json"))[0].GetProperty("key").GetString(), Is.EqualTo(key));
    }

    [Test]
    public async Task A_key_whose_request_was_lost_is_listed_and_removed()
    {
        Assert.That(await _pool.RunAsync("identity", "keys"), Does.Contain("There are no keys"));
        await _pool.RunAsync("identity", "generate", "www.example");
        await _pool.RunAsync("identity", "generate", "lost.example", "--csr", _pool.PathOf("lost.csr"));
        JsonElement[] keys = await JsonAsync("identity", "keys", "--json");
        Assert.That(keys.Select(key => key.GetProperty("usedBy").GetArrayLength()), Is.EqualTo(new[] { 0, 1 }));
        string lost = keys[0].GetProperty("key").GetString()!, used = keys[1].GetProperty("key").GetString()!;
        Assert.That(lost, Does.StartWith("builtin:lost.example-"));
        Assert.That(await _pool.RunAsync("identity", "keys"), Does.Contain($"{lost}  unused").And.Contains($"{used}  used by www.example"));
        Assert.That(await _pool.RefuseAsync("identity", "remove-key", used), Does.Contain("www.example has this key: 'tlspool identity remove www.example' comes first"));
        await _pool.RunAsync("identity", "remove-key", lost);
        Assert.That(await _pool.RefuseAsync("identity", "remove-key", lost), Does.Contain("there is no key builtin:lost.example-"));
        Assert.That(await JsonAsync("identity", "keys", "--json"), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_request_may_go_to_standard_output()
    {
        (int code, string output) = await _pool.TryAsync("identity", "generate", "www.example", "--csr", "-");
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain("-----BEGIN CERTIFICATE REQUEST-----").And.Contains("-----END CERTIFICATE REQUEST-----"));
    }

    [Test]
    public async Task A_chain_in_any_order_is_put_in_order_and_strangers_are_refused()
    {
        await _openssl.IssueAsync("middle", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign");
        (string certificate, string key) = await _openssl.IssueAsync("www", Server, issuer: "middle");
        string bundle = Concat("bundle.pem", _openssl.Authority, certificate, _openssl.PathOf("middle.pem"), certificate);
        await _pool.RunAsync("identity", "add", "www.example", "--role", "server", "--key", key, "--certificate", bundle);
        await File.WriteAllTextAsync(_pool.PathOf("shown.pem"), await _pool.RunAsync("identity", "show", "www.example", "--pem"));
        string subjects = await Openssl.RunAsync("storeutl", "-noout", "-text", "-certs", _pool.PathOf("shown.pem"));
        Assert.That(
            subjects.Split('\n').Where(line => line.Contains("Subject: ", StringComparison.Ordinal)).Select(line => line.Split("CN")[1].Trim(' ', '=')),
            Is.EqualTo(new[] { "www", "middle", "Test CA" }));
        (string stranger, _) = await _openssl.IssueAsync("stranger", "subjectAltName=DNS:stranger.example");
        string mixed = Concat("mixed.pem", certificate, stranger);
        Assert.That(
            await _pool.RefuseAsync("identity", "add", "other.example", "--key", key, "--certificate", mixed),
            Does.Contain("mixed.pem: \"CN=stranger\" has nothing to do with the chain of \"CN=www\": take it out"));
    }

    [Test]
    public async Task A_certificate_for_another_key_is_refused_and_leaves_no_key_behind()
    {
        (string certificate, string key) = await _openssl.IssueAsync("www", Server);
        (string other, _) = await _openssl.IssueAsync("other", Server);
        Assert.That(
            await _pool.RefuseAsync("identity", "add", "www.example", "--key", key, "--certificate", other),
            Does.Contain("other.pem: the certificate of \"CN=other\" is for another key"));
        await _pool.RunAsync("identity", "add", "www.example", "--role", "server", "--key", key, "--certificate", certificate);
        Assert.That(
            await _pool.RefuseAsync("identity", "add", "www.example", "--key", key, "--certificate", certificate),
            Does.Contain("www.example has this certificate already: see 'tlspool identity show www.example'"));
        // One key may have two identities; the key goes with the last one.
        await _pool.RunAsync("identity", "add", "user@www.example", "--role", "server", "--key", (await JsonAsync("identity", "list", "--json"))[0].GetProperty("key").GetString()!, "--certificate", certificate);
        await _pool.RunAsync("identity", "remove", "www.example");
        await _pool.RunAsync("identity", "remove", "user@www.example", "--keep-key");
        await _pool.RunAsync("identity", "add", "www.example", "--role", "server", "--key", key, "--certificate", certificate);
    }

    [TestCase("open sesame")]
    [TestCase("Öffne dich, 芝麻开门")]
    public async Task An_encrypted_key_is_opened_with_a_passphrase_from_a_file(string words)
    {
        (string certificate, string key) = await _openssl.IssueAsync("www", Server);
        string encrypted = _pool.PathOf("encrypted.key"), passphrase = _pool.PathOf("passphrase");
        await File.WriteAllTextAsync(passphrase, words + "\n");
        await Openssl.RunAsync("pkcs8", "-topk8", "-in", key, "-out", encrypted, "-passout", "file:" + passphrase);
        string[] add = ["identity", "add", "www.example", "--role", "server", "--certificate", certificate, "--key", encrypted];
        Assert.That(await _pool.RefuseAsync(add), Does.Contain("is encrypted: put its passphrase into a file of its own, and name that with --key-passphrase-file"));
        await File.WriteAllTextAsync(_pool.PathOf("wrong"), "shut\n");
        Assert.That(await _pool.RefuseAsync([.. add, "--key-passphrase-file", _pool.PathOf("wrong")]), Does.Contain("its passphrase is another one").And.Not.Contains("shut"));
        await _pool.RunAsync([.. add, "--key-passphrase-file", passphrase]);
    }

    [TestCase("ec -traditional", "ec")]
    [TestCase("rsa -traditional", "rsa")]
    public async Task Keys_in_older_forms_are_taken(string _, string kind)
    {
        string key = _pool.PathOf("old.key"), certificate = _pool.PathOf("old.pem");
        string[] make = kind == "ec" ? ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key] : ["genrsa", "-traditional", "-out", key, "2048"];
        await Openssl.RunAsync(make);
        await Openssl.RunAsync("req", "-x509", "-key", key, "-out", certificate, "-subj", "/CN=old", "-addext", "subjectAltName=DNS:old.example", "-days", "3");
        Assert.That(await File.ReadAllTextAsync(key), Does.Contain($"BEGIN {kind.ToUpperInvariant()} PRIVATE KEY"));
        await _pool.RunAsync("identity", "add", "old.example", "--certificate", certificate, "--key", key);
    }

    [Test]
    public async Task What_peers_will_refuse_is_warned_of()
    {
        (string expired, string expiredKey) = await _openssl.IssueAsync("expired", Server, days: -1);
        Assert.That(
            await _pool.RunAsync("identity", "add", "www.example", "--certificate", expired, "--key", expiredKey),
            Does.Contain("warning: the certificate expired at").And.Contains("extendedKeyUsage does not allow a client: use --role server").And.Contains("EXPIRED"));
        (string odd, string oddKey) = await _openssl.IssueAsync("odd", "subjectAltName=DNS:odd.example\nkeyUsage=keyEncipherment");
        Assert.That(
            await _pool.RunAsync("identity", "add", "other.example", "--certificate", odd, "--key", oddKey),
            Does.Contain("warning: the certificate does not name other.example").And.Contains("keyUsage lacks digitalSignature"));
    }

    [TestCase("not an identity", "'not an identity' is no identity: domain or user@domain is")]
    [TestCase("bad\nname.example", "is no identity")]
    [TestCase("@example", "is no identity")]
    public async Task What_is_no_identity_is_refused(string name, string reason) =>
        Assert.That(await _pool.RefuseAsync("identity", "generate", name), Does.Contain(reason));

    [Test]
    public async Task Mistakes_are_told_with_what_to_do()
    {
        (string certificate, string key) = await _openssl.IssueAsync("www", Server);
        await File.WriteAllTextAsync(_pool.PathOf("empty"), "");
        await Openssl.RunAsync("pkcs12", "-export", "-in", certificate, "-inkey", key, "-out", _pool.PathOf("www.p12"), "-passout", "pass:x");
        foreach ((string certificateFile, string keyFile, string reason) in new[]
        {
            (_pool.PathOf("none"), key, "Could not find file"),
            (_pool.PathOf("empty"), key, "empty: there is no certificate in it"),
            (key, key, "www.key: there is no certificate in it"),
            (certificate, certificate, "has no private key in PEM form"),
            (certificate, _pool.PathOf("www.p12"), "is not PEM: convert it first, with 'openssl pkey"),
            (certificate, _pool.Directory, "is a directory"),
            (certificate, "builtin:none", "there is no key builtin:none in the built-in store"),
            (certificate, "pkcs11:token=x?pin-value=1234", "a PIN on the command line is seen by everybody"),
            ("/dev/zero", key, "is too long"),
        })
            Assert.That(await _pool.RefuseAsync("identity", "add", "www.example", "--certificate", certificateFile, "--key", keyFile), Does.Contain(reason).And.Not.Contains("1234"));
        Assert.That(await _pool.RefuseAsync("identity", "remove", "www.example", "--fingerprint", "ab"), Does.Contain("at least 8 hexadecimal digits"));
        Assert.That((await _pool.TryAsync("identity", "generate", "a.example", "--role", "boss")).Output, Does.Contain("--role takes server, client or both"));
        Assert.That((await _pool.TryAsync("identity", "generate", "a.example", "--days", "0")).ExitCode, Is.EqualTo(1));
        Assert.That(await _pool.RunAsync("identity", "list"), Does.Contain("There are no identities yet"));
    }

    [TestCase("")]
    [TestCase("generate")]
    [TestCase("add")]
    [TestCase("list")]
    [TestCase("show")]
    [TestCase("remove")]
    [TestCase("keys")]
    [TestCase("remove-key")]
    public async Task Every_command_explains_itself(string verb) =>
        Assert.That(await _pool.RunAsync([.. $"identity {verb}".Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]), Does.Contain("Usage:"));

    [Test]
    public async Task A_running_daemon_sees_changes_and_the_engine_picks_what_the_peer_can_use()
    {
        ChildProcess daemon = await _pool.ServeAsync();
        using Backend backend = Backend.Echo();
        int port = PoolProcess.FreePort();
        ChildProcess tunnel = _pool.Start(Installation.Program, ["tunnel", "--server", "--listen", $"127.0.0.1:{port}", "--connect", backend.Address, "--json"]);
        await tunnel.WaitForAsync("\"listen\"");
        Assert.That((await ClientAsync(port, "-tls1_3")).ExitCode, Is.Not.Zero, "there is nobody to be yet");

        (string ec, string ecKey) = await _openssl.IssueAsync("ec", Server);
        await Openssl.RunAsync("genrsa", "-out", _openssl.PathOf("rsa.key"), "2048");
        await Openssl.RunAsync(
            "req", "-x509", "-new", "-key", _openssl.PathOf("rsa.key"), "-CA", _openssl.Authority, "-CAkey", _openssl.PathOf("ca.key"), "-subj", "/CN=rsa",
            "-addext", "subjectAltName=DNS:www.example,DNS:*.www.example", "-addext", "basicConstraints=CA:FALSE", "-days", "3", "-out", _openssl.PathOf("rsa.pem"));
        await _pool.RunAsync("identity", "add", "www.example", "--role", "server", "--certificate", ec, "--key", ecKey);
        await _pool.RunAsync("identity", "add", "www.example", "--role", "server", "--certificate", _openssl.PathOf("rsa.pem"), "--key", _openssl.PathOf("rsa.key"));
        await Installation.WaitAsync(() => ClientAsync(port, "-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256").Result.ExitCode == 0, "the daemon sees the new identity");

        foreach (string version in new[] { "-tls1_2", "-tls1_3" })
        {
            Assert.That((await ClientAsync(port, version, "-sigalgs", "ecdsa_secp256r1_sha256")).Output, Does.Contain("Verification: OK").And.Contains("Peer signature type: ECDSA"), version);
            Assert.That((await ClientAsync(port, version, "-sigalgs", "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256")).Output, Does.Contain("Verification: OK"), version);
        }
        Assert.That((await ClientAsync(port, "-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256:ecdsa_secp384r1_sha384")).Output, Does.Contain("Peer signature type: RSA-PSS"));
        Assert.That((await ClientAsync(port, "-tls1_3", "-sigalgs", "ed25519")).ExitCode, Is.Not.Zero);
        // A wildcard in a certificate speaks for names that are no identities themselves.
        Assert.That((await ClientAsync("sub.www.example", port, "-tls1_3")).Output, Does.Contain("Verification: OK").And.Match("CN ?= ?rsa"));

        await _pool.RunAsync("identity", "remove", "www.example", "--fingerprint", (await JsonAsync("identity", "show", "www.example", "--json"))[1].GetProperty("fingerprint").GetString()![..12]);
        await Installation.WaitAsync(() => ClientAsync(port, "-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256").Result.ExitCode != 0, "the daemon sees that it was removed");
        Assert.That((await ClientAsync(port, "-tls1_3")).Output, Does.Match("CN ?= ?ec"));
        Assert.That(daemon.HasExited, Is.False);
    }

    [Test]
    public async Task Many_commands_may_run_at_once_from_the_first_on()
    {
        ChildProcess[] commands = [.. Enumerable.Range(0, 6).Select(i => _pool.Start(Installation.Program, ["identity", "generate", $"h{i}.example"]))];
        foreach (ChildProcess command in commands)
            Assert.That(await command.ExitAsync(), Is.Zero, command.Output);
        Assert.That(await JsonAsync("identity", "list", "--json"), Has.Length.EqualTo(6));
    }

    private Task<(int ExitCode, string Output)> ClientAsync(int port, params string[] options) => ClientAsync("www.example", port, options);

    private Task<(int ExitCode, string Output)> ClientAsync(string name, int port, params string[] options) => ChildProcess.RunAsync(
        "openssl",
        ["s_client", "-connect", $"127.0.0.1:{port}", "-servername", name, "-verify_hostname", name, "-CAfile", _openssl.Authority, "-verify_return_error", .. options],
        input: "Q\n");

    private async Task<JsonElement[]> JsonAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await _pool.RunAsync(arguments));
        return [.. document.RootElement.EnumerateArray().Select(element => element.Clone())];
    }

    private string Concat(string name, params string[] files)
    {
        string path = _pool.PathOf(name);
        File.WriteAllText(path, string.Join('\n', files.Select(File.ReadAllText)));
        return path;
    }
}
