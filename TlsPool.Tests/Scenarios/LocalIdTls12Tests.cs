using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>A person's choice where the application has its say, too: LOCALID_CHECK on both sides, and renegotiation, both under TLS 1.2.</summary>
[Parallelizable]
public sealed class LocalIdTls12Tests
{
    private const string International = "bücher.example";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync("tls_max_version 1.2\ntls_handshake_timeout 20000\n");
        foreach (string identity in new[] { "www.server.example", "john@a.example", "mary@a.example", International })
            await _pool.IdentityAsync(identity);
        _client = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task Applications_on_both_sides_are_shown_what_is_chosen_before_it_is_used()
    {
        var asked = new List<LocalIdQuestion>();
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, (question, _) =>
        {
            asked.Add(question);
            return ValueTask.FromResult<LocalIdChoice?>(new LocalIdChoice("mary@a.example"));
        });
        var proposed = new List<string>();
        LocalIdCheck check = (proposal, _) =>
        {
            lock (proposed)
                proposed.Add(proposal.LocalId);
            return ValueTask.FromResult(LocalIdAnswer.Accept());
        };
        StartTlsOptions client = StartTlsOptions.Client("www.server.example") with { LocalId = "john@a.example", CheckLocalId = check };
        StartTlsOptions server = StartTlsOptions.Server(flags: StartTlsFlags.RequestRemoteId) with { CheckLocalId = check };
        (TlsSession near, TlsSession far) = await SessionAsync(client, server);
        using (near)
        using (far)
            Assert.That((near.LocalId, far.RemoteId, far.LocalId), Is.EqualTo(("mary@a.example", "mary@a.example", "www.server.example")));
        Assert.That(proposed, Is.EquivalentTo(new[] { "www.server.example", "mary@a.example" }));
        Assert.That(asked, Has.Count.EqualTo(1), "people are asked about clients");
    }

    [Test]
    public async Task An_application_that_rejects_the_choice_has_no_session()
    {
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("mary@a.example", LidEntryFlags.DbInsert));
        StartTlsOptions rejecting = StartTlsOptions.Client("www.server.example") with { CheckLocalId = (_, _) => ValueTask.FromResult(LocalIdAnswer.Reject) };
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => LocalIdSessions.SeenAsync(_client, rejecting));
        Assert.That(refused!.Message, Does.Contain("no local identity was acceptable to the application"));
        Assert.That(await _pool.RunAsync("disclose", "list"), Does.Contain("There are no rules"));
    }

    [TestCase("mary@a.example", "mary@a.example", "john@a.example", "the user has chosen mary@a.example, and not john@a.example")]
    [TestCase("", "", "john@a.example", "the user has chosen nobody, and not john@a.example")]
    [TestCase("mary@a.example", "mary@a.example", "MARY@A.example", null)]
    public async Task Renegotiation_is_no_way_around_what_the_user_chose(string choice, string seen, string wish, string? reason)
    {
        TlsSession near, far;
        await using (await LocalIdProgram.StartAsync(_pool, new LocalIdChoice(choice)))
            (near, far) = await SessionAsync(StartTlsOptions.Client("www.server.example"), StartTlsOptions.Server(flags: StartTlsFlags.RequestRemoteId));
        using (near)
        using (far)
        {
            Assert.That(far.RemoteId, Is.EqualTo(seen));
            Task<ValidatedIdentities> renewal = _client.RenegotiateAsync(
                near.ControlKey, StartTlsOptions.Client("www.server.example") with { LocalId = wish });
            if (reason is null)
            {
                Assert.That((await renewal.WaitAsync(Patience)).LocalId, Is.EqualTo(choice));
                return;
            }
            TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => renewal.WaitAsync(Patience));
            Assert.That((refused!.Error, refused.Message), Is.EqualTo((PoolError.ConnectionDriverSetup, reason)));
            await _pool.WaitForAuditAsync(reason, "--kind", "local-id-choice", "--decision", "refused");
        }
    }

    [TestCase("bücher.example")]
    [TestCase("BÜCHER.example.")]
    [TestCase("xn--bcher-kva.example")]
    public async Task An_international_name_is_one_identity_however_it_is_written(string written)
    {
        await _pool.RunAsync("disclose", "add", ".server.example", International);
        try
        {
            StartTlsOptions options = StartTlsOptions.Client("www.server.example") with
            {
                LocalId = written,
                CheckLocalId = (_, _) => ValueTask.FromResult(LocalIdAnswer.Change(written)),
            };
            Assert.That(await LocalIdSessions.SeenAsync(_client, options), Is.EqualTo("xn--bcher-kva.example"));
            await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice(International));
            Assert.That(await LocalIdSessions.SeenAsync(_client, options), Is.EqualTo("xn--bcher-kva.example"), "the same to who was chosen");
        }
        finally
        {
            await _pool.RunAsync("disclose", "remove", ".server.example");
        }
    }

    [Test]
    public async Task A_stored_choice_that_cannot_be_used_is_no_reason_not_to_ask()
    {
        await _pool.RunAsync("disclose", "add", ".server.example", "gone@a.example");
        try
        {
            await using (await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("john@a.example"), LidEntryFlags.SkipDbEntry))
                Assert.That(await LocalIdSessions.SeenAsync(_client, StartTlsOptions.Client("www.server.example")), Is.EqualTo("john@a.example"));
            TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(
                () => LocalIdSessions.SeenAsync(_client, StartTlsOptions.Client("www.server.example")));
            Assert.That(refused!.Message, Does.Contain("lists nobody that can be used"), "with nobody to ask, the rule decides");
        }
        finally
        {
            await _pool.RunAsync("disclose", "remove", ".server.example");
        }
    }

    private async Task<(TlsSession Near, TlsSession Far)> SessionAsync(StartTlsOptions client, StartTlsOptions server)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = _client.StartTlsAsync(far, server);
        TlsSession asking = await _client.StartTlsAsync(near, client).WaitAsync(Patience);
        return (asking, await serving.WaitAsync(Patience));
    }
}
