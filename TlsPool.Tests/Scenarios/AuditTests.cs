using System.Text.Json;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>The audit trail of a real daemon, and <c>tlspool audit</c>.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class AuditTests
{
    [Test]
    public async Task A_session_leaves_who_asked_who_it_was_with_which_key_signed_and_how_it_ended()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await pool.IdentityAsync("audited.example");
        using Backend backend = Backend.Http("audited");
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", backend.Address, "--local-id", "audited.example", "--service", "http");
        (int code, string page) = await FetchAsync(tunnel, "audited.example");
        Assert.That((code, page), Is.EqualTo((0, "audited")));

        JsonElement setup = await FindAsync(pool, "--kind", "session-setup", "--decision", "allowed");
        Assert.That(setup.GetProperty("localId").GetString(), Is.EqualTo("audited.example"));
        Assert.That(setup.GetProperty("use").GetString(), Is.EqualTo("server http"));
        Assert.That(setup.GetProperty("key").GetString(), Does.StartWith("builtin:audited.example"));
        Assert.That(setup.GetProperty("reason").GetString(), Does.StartWith("TLS 1.3"));
        Assert.That(setup.GetProperty("pid").GetInt32(), Is.EqualTo(tunnel.Process.Id));
        Assert.That(setup.GetProperty("executable").GetString(), Does.EndWith("/tlspool"));
        JsonElement end = await FindAsync(pool, "--kind", "session-end", "--session", setup.GetProperty("session").GetRawText());
        Assert.That(end.GetProperty("reason").GetString(), Does.Contain("bytes received"));
    }

    [Test]
    public async Task What_is_refused_is_recorded_with_its_reason()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await pool.IdentityAsync("closed.example");
        await pool.RunAsync("access", "add", "closed.example", "--nobody");
        using Backend backend = Backend.Http("never");
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", backend.Address, "--local-id", "closed.example");
        await FetchAsync(tunnel, "closed.example");
        JsonElement access = await FindAsync(pool, "--kind", "access", "--identity", "CLOSED.example", "--decision", "refused");
        JsonElement setup = await FindAsync(pool, "--kind", "session-setup", "--decision", "refused", "--uid", access.GetProperty("uid").GetRawText());
        Assert.That(setup.GetProperty("reason").GetString(), Does.Contain("no access to closed.example"));
    }

    [Test]
    public async Task Tail_follows_until_it_is_interrupted_and_a_stopped_daemon_has_written_everything()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await pool.IdentityAsync("followed.example");
        using Backend backend = Backend.Http("followed");
        ChildProcess tail = pool.Start(["audit", "tail", "--follow", "--json", "--kind", "session-setup", "session-end"]);
        await using (TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", backend.Address, "--local-id", "followed.example"))
            await FetchAsync(tunnel, "followed.example");
        await tail.WaitForAsync("\"kind\":\"session-end\"");
        Assert.That(tail.Output, Does.Contain("\"kind\":\"session-setup\""));
        tail.Signal("INT");
        Assert.That(await tail.ExitAsync(), Is.Zero);
        await tail.DisposeAsync();
        await pool.StopDaemonAsync("TERM");
        string all = await pool.RunAsync("audit", "query", "--kind", "session-setup", "session-end");
        Assert.That(all, Does.Match("session-setup allowed session 1 uid .* followed.example with - \\(server\\): TLS 1.3").And.Contains("session-end allowed session 1"));
    }

    [Test]
    public async Task Commands_that_change_identities_trust_and_rules_are_recorded_with_who_ran_them()
    {
        await using var installation = new Installation();
        await installation.RunAsync("identity", "generate", "www.example.com");
        await installation.RunAsync("access", "add", "www.example.com", "--nobody");
        await installation.RunAsync("access", "remove", "www.example.com");
        await installation.RunAsync("disclose", "add", ".", "www.example.com");
        await installation.RunAsync("disclose", "remove", ".");
        await installation.RunAsync("identity", "remove", "www.example.com");
        await installation.RefuseAsync("identity", "remove", "www.example.com");
        string[] records = (await installation.RunAsync("audit", "query", "--json", "--kind", "administration")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(records.Select(record => JsonDocument.Parse(record).RootElement.GetProperty("reason").GetString()![..12]), Is.EqualTo(new[]
        {
            "key and cred", "access rule ", "1 access rul", "disclosure r", "1 entries of", "1 credential",
        }));
        Assert.That(records[0], Does.Contain("\"localId\":\"www.example.com\"").And.Contain("\"key\":\"builtin:www.example.com").And.Match("\"executable\":\"[^\"]*tlspool\""));
    }

    [Test]
    public async Task Mistakes_are_told_with_what_to_do()
    {
        await using var installation = new Installation();
        Assert.That(await installation.RunAsync("audit", "query"), Is.Empty);
        Assert.That(await installation.RefuseAsync("audit", "query", "--since", "yesterday"), Does.Contain("'yesterday' is no time: give a time such as"));
        Assert.That(await installation.RefuseAsync("audit", "tail", "--kind", "gossip"), Does.Contain("there is no kind 'gossip': it is one of session-setup,"));
        Assert.That(await installation.RefuseAsync("audit", "tail", "--uid", "no-such-user"), Does.Contain("there is no user"));
        foreach (string verb in new[] { "tail", "query" })
            Assert.That(await installation.RunAsync("audit", verb, "--help"), Does.Contain("--decision"));
    }

    private static Task<(int ExitCode, string Page)> FetchAsync(TunnelProcess tunnel, string name) => ChildProcess.RunAsync(
        "curl", ["-sk", "--max-time", "30", "--resolve", $"{name}:{tunnel.Port}:127.0.0.1", $"https://{name}:{tunnel.Port}/"]);

    private static async Task<JsonElement> FindAsync(PoolProcess pool, params string[] filters)
    {
        string found = "";
        await Installation.WaitAsync(
            () => (found = pool.RunAsync(["audit", "query", "--json", "--limit", "1", .. filters]).GetAwaiter().GetResult()).Length > 0,
            $"a record of {string.Join(' ', filters)}");
        using JsonDocument line = JsonDocument.Parse(found);
        return line.RootElement.Clone();
    }
}
