using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Which application may be whom: every way to a local identity is guarded.</summary>
[Parallelizable]
public sealed class AccessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private string _sockets = "";
    private PoolProcess _pool = null!;
    private TlsPoolClient _inside = null!;
    private TlsPoolClient _outside = null!;

    private string Inner => Path.Combine(_sockets, "inner.sock");

    [OneTimeSetUp]
    public async Task Start()
    {
        _sockets = Directory.CreateTempSubdirectory("tlspool-test-").FullName;
        _pool = await PoolProcess.StartAsync($"socket_name {Inner}\n");
        await _pool.IdentityAsync("open.example");
        await _pool.IdentityAsync("secret.example");
        await _pool.RunAsync("access", "add", "secret.example", "--user", "root", "--socket", Inner, "--service", "http");
        (_inside, _outside) = (new TlsPoolClient(new TlsPoolClientOptions { SocketPath = Inner }), _pool.Client());
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _inside.DisposeAsync();
        await _outside.DisposeAsync();
        await _pool.DisposeAsync();
        Directory.Delete(_sockets, recursive: true);
    }

    [Test]
    public async Task An_identity_that_was_asked_for_is_refused_to_others_before_anything_is_sent()
    {
        await ServeAsync(_inside, StartTlsOptions.Server("secret.example") with { Service = "http" }, "secret.example");
        await ExpectRefusalAsync(_inside, StartTlsOptions.Server("secret.example"), PoolError.ConnectionDriverSetup);
        await ExpectRefusalAsync(_outside, StartTlsOptions.Server("secret.example") with { Service = "http" }, PoolError.ConnectionDriverSetup);
        await ExpectRefusalAsync(_outside, StartTlsOptions.Client("open.example") with { LocalId = "SECRET.example", Service = "http" }, PoolError.ConnectionDriverSetup);
        await ServeAsync(_outside, StartTlsOptions.Server("open.example"), "open.example");
        await _pool.WaitForAuditAsync(
            $"the access rules for secret.example do not let in uid 0 as server for http at {_pool.SocketPath}", "--kind", "access", "--decision", "refused");
        await _pool.WaitForLogAsync("may not use secret.example");
    }

    [Test]
    public async Task An_identity_that_the_peer_asks_for_is_refused_to_others()
    {
        await ServeAsync(_inside, StartTlsOptions.Server() with { Service = "http" }, "secret.example");
        await ExpectRefusalAsync(_outside, StartTlsOptions.Server() with { Service = "http" }, PoolError.StirredNotShaken);
        await ServeAsync(_outside, StartTlsOptions.Server(), "open.example");
        await ServeAsync(_outside, StartTlsOptions.Server(), "open.example", withoutSni: true);
    }

    [Test]
    public async Task An_identity_that_the_application_approves_or_changes_to_is_refused_to_others()
    {
        var proposed = new List<string>();
        StartTlsOptions Checking(string localId, string change) => StartTlsOptions.Server(localId) with
        {
            CheckLocalId = (proposal, _) =>
            {
                proposed.Add(proposal.LocalId);
                return ValueTask.FromResult(LocalIdAnswer.Change(change));
            },
        };
        await ExpectRefusalAsync(_outside, Checking("", "secret.example"), PoolError.StirredNotShaken);
        Assert.That(proposed, Is.Empty, "the peer asked for what this application may not use");
        await ExpectRefusalAsync(_outside, Checking("open.example", "secret.example"), PoolError.StirredNotShaken);
        Assert.That(proposed, Is.EqualTo(new[] { "open.example" }));
    }

    [Test]
    public async Task A_disclosure_rule_gives_an_identity_only_to_those_who_may_use_it()
    {
        await _pool.RunAsync("disclose", "add", "open.example", "secret.example", "--nobody");
        try
        {
            foreach ((TlsPoolClient client, string service, string expected) in new[] { (_inside, "http", "secret.example"), (_inside, "imap", ""), (_outside, "http", "") })
            {
                (Socket near, Socket far) = RawApplication.TcpPair();
                Task<TlsSession> serving = _outside.StartTlsAsync(near, StartTlsOptions.Server("open.example", StartTlsFlags.RequestRemoteId));
                using TlsSession asking = await client.StartTlsAsync(far, StartTlsOptions.Client("open.example") with { Service = service }).WaitAsync(Patience);
                using TlsSession served = await serving.WaitAsync(Patience);
                Assert.That((asking.LocalId, served.RemoteId), Is.EqualTo((expected, expected)));
            }
        }
        finally
        {
            await _pool.RunAsync("disclose", "remove", "open.example");
        }
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task A_ticket_is_no_way_around(string version)
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess inside = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--service", "http", "--socket", Inner);
        await using TunnelProcess outside = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--service", "http");
        string session = Path.Combine(_sockets, $"session{version}");
        Assert.That(await TalkAsync(inside.Address, version, "-sess_out", session), Does.Contain("hello"));
        Assert.That(await TalkAsync(inside.Address, version, "-sess_in", session), Does.Contain("Reused").And.Contains("hello"), "there is something to resume");
        await TalkAsync(inside.Address, version, "-sess_out", session);
        Assert.That(await TalkAsync(outside.Address, version, "-sess_in", session), Does.Not.Contain("hello").And.Not.Contains("Reused"));
        await outside.Process.WaitForAsync("no access to secret.example");
    }

    [Test]
    public async Task Groups_of_the_application_are_those_of_its_process()
    {
        await _pool.IdentityAsync("grouped.example");
        await _pool.RunAsync("access", "add", "grouped.example", "--group", "4242");
        using Backend backend = Backend.Echo();
        foreach ((string groups, bool allowed) in new[] { ("4242", true), ("1,2,3", false), (string.Join(',', Enumerable.Range(100, 60).Append(4242)), true) })
        {
            await using ChildProcess tunnel = ChildProcess.Start(
                "setpriv",
                ["--groups", groups, PoolProcess.Program, "tunnel", "--server", "--listen", "127.0.0.1:0", "--json", "--connect", backend.Address, "--local-id", "grouped.example", "--socket", _pool.SocketPath]);
            string line = await tunnel.WaitForAsync("\n");
            string address = System.Text.Json.JsonDocument.Parse(line.Split('\n')[0]).RootElement.GetProperty("listen").GetString()!;
            string output = await TalkAsync(address);
            Assert.That(output.Contains("hello", StringComparison.Ordinal), Is.EqualTo(allowed), $"{groups}: {output}");
            if (!allowed)
                await tunnel.WaitForAsync("the access rules for grouped.example do not let in uid 0");
        }
    }

    /// <summary>Sends a line to an echo, and waits for it or for the end.</summary>
    private static async Task<string> TalkAsync(string address, params string[] options)
    {
        await using ChildProcess client = ChildProcess.Start("openssl", ["s_client", "-connect", address, "-servername", "secret.example", .. options]);
        await client.SayAsync("hello\n");
        if (await Task.WhenAny(client.ExitAsync(), client.WaitForAsync("hello\n")) is Task<int> ended)
        {
            await ended;
            return client.Output;
        }
        await client.SayAsync("Q\n");
        client.Input.Close();
        await client.ExitAsync();
        return client.Output;
    }

    /// <summary>Serves a client that asks for a name.</summary>
    private async Task ServeAsync(TlsPoolClient client, StartTlsOptions options, string name, bool withoutSni = false)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, options with { Flags = options.Flags | StartTlsFlags.IgnoreRemoteId });
        using TlsSession asking = await _outside.StartTlsAsync(
            far, StartTlsOptions.Client(name, withoutSni ? StartTlsFlags.WithoutSni : StartTlsFlags.None)).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
        Assert.That(asking.RemoteId, Is.EqualTo(name));
    }

    /// <summary>Hands a connection over, at whose other end somebody asks for secret.example.</summary>
    private async Task ExpectRefusalAsync(TlsPoolClient client, StartTlsOptions options, PoolError error)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> asking = _outside.StartTlsAsync(far, StartTlsOptions.Client("secret.example"));
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(
            () => client.StartTlsAsync(near, options with { Flags = options.Flags | StartTlsFlags.IgnoreRemoteId }).WaitAsync(Patience));
        await Assert.ThrowsAsync<TlsPoolException>(() => asking.WaitAsync(Patience));
        Assert.That(refused!.Error, Is.EqualTo(error));
        Assert.That(refused.Message, Does.Contain("no access to").And.Contains("the access rules for secret.example do not let in uid 0"));
    }
}
