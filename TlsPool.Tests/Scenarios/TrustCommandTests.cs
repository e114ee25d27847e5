using System.Text.Json;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>tlspool trust</c>.</summary>
[Parallelizable]
public sealed class TrustCommandTests
{
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
    public async Task Anchors_come_in_every_form_and_each_counts_once()
    {
        await _openssl.IssueAsync("middle", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign");
        string der = _pool.PathOf("ca.der"), bundle = _pool.PathOf("bundle.pem"), trusted = _pool.PathOf("trusted.pem");
        await Openssl.RunAsync("x509", "-in", _openssl.Authority, "-outform", "DER", "-out", der);
        await Openssl.RunAsync("x509", "-in", _openssl.Authority, "-trustout", "-addtrust", "serverAuth", "-out", trusted);
        await File.WriteAllTextAsync(bundle, $"# Our authorities\n{await File.ReadAllTextAsync(_openssl.Authority)}\n{await File.ReadAllTextAsync(_openssl.PathOf("middle.pem"))}");
        Assert.That(await _pool.RunAsync("trust", "list"), Does.Contain("Nobody is trusted yet"));
        Assert.That(await _pool.RunAsync("trust", "add", der), Does.Contain("1 trust anchor(s) added, 0 were there already"));
        Assert.That(await _pool.RunAsync("trust", "add", bundle, der), Does.Contain("1 trust anchor(s) added, 2 were there already"));
        JsonElement[] list = await ListAsync();
        Assert.That(list.Select(anchor => anchor.GetProperty("subject").GetString()), Is.EquivalentTo(new[] { "CN=Test CA", "CN=middle" }));
        Assert.That(list.Select(anchor => anchor.GetProperty("isAuthority").GetBoolean()), Is.All.True);
        string fingerprint = (await Openssl.RunAsync("x509", "-in", _openssl.Authority, "-noout", "-fingerprint", "-sha256")).Split('=')[1].Trim();
        Assert.That(await _pool.RunAsync("trust", "remove", fingerprint[..23]), Does.Contain("1 trust anchor(s) removed"));
        Assert.That(await _pool.RunAsync("trust", "list"), Does.Contain("CN=middle").And.Not.Contains("CN=Test CA"));
        Assert.That(await _pool.RefuseAsync("trust", "remove", fingerprint[..23]), Does.Contain("there is no such trust anchor: see 'tlspool trust list'"));
        Assert.That(await _pool.RunAsync("trust", "remove", "--all"), Does.Contain("1 trust anchor(s) removed"));
    }

    [Test]
    public async Task A_directory_of_certificates_is_taken_as_a_whole()
    {
        string directory = _pool.PathOf("anchors");
        Directory.CreateDirectory(directory);
        Assert.That(await _pool.RefuseAsync("trust", "add", directory), Does.Contain("has no files that end in .pem, .crt, .cer, .der"));
        File.Copy(_openssl.Authority, Path.Combine(directory, "ca.crt"));
        await File.WriteAllTextAsync(Path.Combine(directory, "README"), "not a certificate");
        Assert.That(await _pool.RunAsync("trust", "add", directory), Does.Contain("1 trust anchor(s) added"));
    }

    [Test]
    public async Task The_system_s_authorities_are_taken()
    {
        string added = await _pool.RunAsync("trust", "add", "--system");
        Assert.That(int.Parse(added.Split(" trust anchor(s) added")[0].Split('\n')[^1], System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThan(50));
        Assert.That(await _pool.RunAsync("trust", "add", "--system"), Does.Contain("0 trust anchor(s) added"));
    }

    [Test]
    public async Task What_vouches_for_nobody_else_or_has_expired_is_warned_of()
    {
        (string leaf, _) = await _openssl.IssueAsync("leaf", "basicConstraints=CA:FALSE\nsubjectAltName=DNS:leaf.example");
        Assert.That(await _pool.RunAsync("trust", "add", leaf), Does.Contain("warning: \"CN=leaf\" is no authority: it vouches for itself only"));
        (string expired, _) = await _openssl.IssueAsync("old", "basicConstraints=critical,CA:TRUE", days: -1);
        Assert.That(await _pool.RunAsync("trust", "add", expired), Does.Contain("warning: \"CN=old\" expired at"));
    }

    [Test]
    public async Task Names_that_play_tricks_on_terminals_are_shown_harmless()
    {
        string file = _pool.PathOf("evil.pem");
        await Openssl.RunAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", _pool.PathOf("evil.key"), "-out", file, "-days", "3",
            "-utf8", "-subj", "/CN=evil\x1b[2J\nCRIT DAEMON: forged\u202Elive");
        await _pool.RunAsync("trust", "add", file);
        string list = await _pool.RunAsync("trust", "list");
        Assert.That(list.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(list, Does.Not.Contain('\x1b').And.Not.Contains('\u202E'));
        Assert.That((await ListAsync())[0].GetProperty("subject").GetString(), Does.Not.Contain('\n').And.Not.Contains('\x1b'));
    }

    [Test]
    public async Task Mistakes_are_told_with_what_to_do()
    {
        string junk = _pool.PathOf("junk.der"), broken = _pool.PathOf("broken.pem");
        await Openssl.RunAsync("x509", "-in", _openssl.Authority, "-outform", "DER", "-out", junk);
        await File.AppendAllTextAsync(junk, "trailing junk");
        await File.WriteAllTextAsync(broken, "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n");
        Assert.That(await _pool.RefuseAsync("trust", "add"), Does.Contain("name a file with certificates, or --system"));
        Assert.That(await _pool.RefuseAsync("trust", "add", junk), Does.Contain("junk.der: it is no certificate"));
        Assert.That(await _pool.RefuseAsync("trust", "add", broken), Does.Contain("broken.pem: it is no certificate"));
        Assert.That(await _pool.RefuseAsync("trust", "add", _openssl.PathOf("ca.key")), Does.Contain("ca.key: there is no certificate in it"));
        Assert.That(await _pool.RefuseAsync("trust", "add", _pool.PathOf("none")), Does.Contain("Could not find file"));
        Assert.That(await _pool.RefuseAsync("trust", "remove"), Does.Contain("or --all"));
        Assert.That(await _pool.RefuseAsync("trust", "remove", "abc"), Does.Contain("at least 8 hexadecimal digits"));
        Assert.That(await _pool.RefuseAsync("trust", "remove", "deadbeef", "--all"), Does.Contain("or --all"));
        foreach (string verb in new[] { "add", "list", "remove" })
            Assert.That(await _pool.RunAsync("trust", verb, "--help"), Does.Contain("Usage:"));
    }

    private async Task<JsonElement[]> ListAsync()
    {
        using var document = JsonDocument.Parse(await _pool.RunAsync("trust", "list", "--json"));
        return [.. document.RootElement.EnumerateArray().Select(element => element.Clone())];
    }
}
