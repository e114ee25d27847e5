using System.Globalization;
using System.Text.Json;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>tlspool disclose</c> and <c>tlspool access</c>.</summary>
[Parallelizable]
public sealed class RuleCommandTests
{
    private Installation _pool = null!;

    [SetUp]
    public void Make() => _pool = new Installation();

    [TearDown]
    public async Task Remove() => await _pool.DisposeAsync();

    [Test]
    public async Task Disclosure_rules_are_added_listed_tested_and_removed()
    {
        Assert.That(await _pool.RunAsync("disclose", "list"), Does.Contain("There are no rules"));
        Assert.That(await _pool.RunAsync("disclose", "test", "www.example.com", "--suggest", "john@a.example"), Does.Contain("www.example.com: john@a.example, because no rule matches"));
        await _pool.RunAsync("identity", "generate", "john@a.example", "--role", "client");
        await _pool.RunAsync("disclose", "add", ".example.com", "john@a.example", "--nobody");
        Assert.That(
            await _pool.RunAsync("disclose", "add", ".example.com", "mary@a.example", "--first"),
            Does.Contain("warning: mary@a.example has no credential for clients yet").And.Contains(".example.com: 1 added, 0 were there already"));
        await _pool.RunAsync("disclose", "add", ".", "--refuse");
        Assert.That(await _pool.RunAsync("disclose", "list"), Does.Contain("mary@a.example, john@a.example, (nobody)"));
        Assert.That(
            await _pool.RunAsync("disclose", "test", "www.example.com"),
            Does.Contain("www.example.com: john@a.example, because the disclosure rule for .example.com shows john@a.example")
                .And.Match(@"\.example\.com +mary@a.example, john@a.example, \(nobody\)   decides").And.Match(@"\.com +no rule").And.Match(@" \. +\(refuse\)\n"));
        Assert.That(await _pool.RunAsync("disclose", "test", ""), Does.Contain("no identity is shown"));
        Assert.That(
            await _pool.RefuseAsync("disclose", "test", "elsewhere.example", "--suggest", "john@a.example"),
            Does.Contain("a client is refused, because the disclosure rule for . refuses to show john@a.example"));
        using (JsonDocument test = JsonDocument.Parse(await _pool.RunAsync("disclose", "test", "www.example.com", "--json")))
        {
            Assert.That(test.RootElement.GetProperty("localId").GetString(), Is.EqualTo("john@a.example"));
            Assert.That(test.RootElement.GetProperty("matching")[0].GetProperty("level").GetInt32(), Is.EqualTo(1));
        }
        using (JsonDocument list = JsonDocument.Parse(await _pool.RunAsync("disclose", "list", "--json")))
            Assert.That(list.RootElement[1].GetProperty("shows").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { "mary@a.example", "john@a.example", "(nobody)" }));
        Assert.That(await _pool.RunAsync("disclose", "remove", ".EXAMPLE.com", "mary@a.example", "--nobody"), Does.Contain("2 removed"));
        Assert.That(await _pool.RunAsync("disclose", "remove", "."), Does.Contain("1 removed"));
        Assert.That(await _pool.RefuseAsync("disclose", "remove", "."), Does.Contain("there is no such entry"));
    }

    [Test]
    public async Task Access_rules_are_added_listed_tested_and_removed()
    {
        Assert.That(await _pool.RunAsync("access", "list"), Does.Contain("There are no rules"));
        await _pool.RunAsync("access", "add", "www.example.com", "--user", "root", "--role", "server", "--service", "http");
        await _pool.RunAsync("access", "add", "@.", "--group", "1234", "--socket", _pool.SocketPath);
        await _pool.RunAsync("access", "add", "secret.example", "--nobody");
        Assert.That(await _pool.RunAsync("access", "add", "secret.example", "--nobody"), Does.Contain("that rule is there already"));
        string list = await _pool.RunAsync("access", "list");
        Assert.That(list, Does.Contain("uid 0, role server, service http").And.Contains($"gid 1234, socket {_pool.SocketPath}").And.Match(@"secret.example +nobody"));

        string[] http = ["access", "test", "www.example.com", "--user", "root", "--role", "server", "--service", "HTTP"];
        Assert.That(await _pool.RunAsync(http), Does.Contain("www.example.com as server: allowed, because the access rules for www.example.com let in uid 0, role server, service http"));
        Assert.That(await _pool.RefuseAsync("access", "test", "www.example.com", "--user", "0", "--role", "client"), Does.Contain("www.example.com as client: refused, because"));
        Assert.That(await _pool.RunAsync("access", "test", "john@a.example", "--user", "77", "--group", "1", "1234", "--socket", _pool.SocketPath), Does.Contain("allowed"));
        Assert.That(await _pool.RefuseAsync("access", "test", "john@a.example", "--user", "77", "--group", "1234"), Does.Contain("refused"));
        Assert.That(await _pool.RefuseAsync("access", "test", "secret.example", "--user", "root"), Does.Contain("refused"));
        Assert.That(await _pool.RunAsync("access", "test", "other.example", "--user", "root"), Does.Contain("allowed, because no access rule names this identity"));
        using (JsonDocument test = JsonDocument.Parse(await _pool.RunAsync([.. http, "--json"])))
            Assert.That((test.RootElement[0].GetProperty("allowed").GetBoolean(), test.RootElement[0].GetProperty("role").GetString()), Is.EqualTo((true, "server")));
        long number;
        using (JsonDocument rules = JsonDocument.Parse(await _pool.RunAsync("access", "list", "--json")))
        {
            JsonElement first = rules.RootElement.EnumerateArray().Single(rule => rule.GetProperty("localId").GetString() == "www.example.com");
            Assert.That((first.GetProperty("user").GetInt32(), first.GetProperty("group").ValueKind), Is.EqualTo((0, JsonValueKind.Null)));
            number = first.GetProperty("id").GetInt64();
        }
        Assert.That(await _pool.RunAsync("access", "remove", number.ToString(CultureInfo.InvariantCulture)), Does.Contain("1 rule(s) removed"));
        Assert.That(await _pool.RunAsync("access", "remove", "@."), Does.Contain("1 rule(s) removed"));
        Assert.That(await _pool.RefuseAsync("access", "remove", "@."), Does.Contain("there is no such rule"));
    }

    [Test]
    public async Task Mistakes_are_told_with_what_to_do()
    {
        Assert.That(await _pool.RefuseAsync("disclose", "add", "a b", "john@a.example"), Does.Contain("'a b' is no selector"));
        Assert.That(await _pool.RefuseAsync("disclose", "add", "."), Does.Contain("name a local identity, --nobody or --refuse"));
        Assert.That(await _pool.RefuseAsync("disclose", "add", ".", "--nobody", "--refuse"), Does.Contain("exclude each other"));
        Assert.That(await _pool.RefuseAsync("disclose", "add", ".", ".example"), Does.Contain("is no identity"));
        Assert.That(await _pool.RefuseAsync("disclose", "test", ".example"), Does.Contain("is no identity"));
        Assert.That(await _pool.RefuseAsync("access", "add", ".", "--user", "no-such-user"), Does.Contain("there is no user 'no-such-user'"));
        Assert.That(await _pool.RefuseAsync("access", "add", ".", "--group", "no-such-group"), Does.Contain("there is no group"));
        Assert.That(await _pool.RefuseAsync("access", "add", ".", "--service", "seventeen-letters"), Does.Contain("at most 16 bytes"));
        Assert.That(await _pool.RefuseAsync("access", "add", ".", "--nobody", "--user", "root"), Does.Contain("--nobody takes no conditions"));
        Assert.That(await _pool.RefuseAsync("access", "remove", "a b"), Does.Contain("is no selector"));
        foreach (string command in new[] { "disclose", "access" })
            foreach (string verb in new[] { "add", "list", "remove", "test" })
                Assert.That(await _pool.RunAsync(command, verb, "--help"), Does.Contain("Usage:"));
    }
}
