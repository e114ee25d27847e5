using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Somebody is asked whom a client is to be: the daemon, the client library, and TLS in between.</summary>
[Parallelizable]
public sealed class LocalIdTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        await _pool.IdentityAsync("www.server.example");
        await _pool.IdentityAsync("john@a.example");
        await _pool.IdentityAsync("mary@a.example");
        _client = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [TearDown]
    public async Task Clear()
    {
        await _pool.TryAsync("disclose", "remove", ".server.example");
        await _pool.TryAsync("disclose", "remove", "www.server.example");
    }

    [Test]
    public async Task The_other_side_sees_whom_the_user_chose_and_the_application_is_told()
    {
        var questions = new List<LocalIdQuestion>();
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, (question, _) =>
        {
            questions.Add(question);
            return ValueTask.FromResult<LocalIdChoice?>(new LocalIdChoice("mary@a.example"));
        });
        Assert.That(await SeenAsync("john@a.example"), Is.EqualTo("mary@a.example"));
        Assert.That(questions, Is.EqualTo(new[] { new LocalIdQuestion(LidEntryFlags.None, 1, "john@a.example", "www.server.example", TimeSpan.FromSeconds(60)) }), "servers are not asked about");
        await _pool.WaitForAuditAsync("chosen by the program of uid 0", "--kind", "local-id-choice", "--decision", "allowed");
        Assert.That(await RulesAsync(), Is.Empty);
    }

    [Test]
    public async Task Nobody_may_be_chosen()
    {
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice(""));
        Assert.That(await SeenAsync("john@a.example"), Is.Empty);
    }

    [Test]
    public async Task A_choice_is_stored_and_used_without_a_question_from_then_on()
    {
        int asked = 0;
        LocalIdChooser chooser = (_, _) =>
        {
            asked++;
            return ValueTask.FromResult<LocalIdChoice?>(new LocalIdChoice("john@a.example", LidEntryFlags.DbInsert, Levels: 1));
        };
        await using (await LocalIdProgram.StartAsync(_pool, chooser, LidEntryFlags.SkipDomainOneUp))
        {
            Assert.That((await SeenAsync(""), asked), Is.EqualTo(("john@a.example", 1)));
            Assert.That((await SeenAsync(""), asked), Is.EqualTo(("john@a.example", 1)));
        }
        Assert.That(await RulesAsync(), Is.EqualTo(".server.example john@a.example"));
        Assert.That(await SeenAsync("mary@a.example"), Is.EqualTo("john@a.example"), "the database goes on alone");
        await using (await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("mary@a.example", LidEntryFlags.DbAppend, Levels: 1), LidEntryFlags.SkipDomainSame))
            Assert.That(await SeenAsync(""), Is.EqualTo("mary@a.example"));
        await using (await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("mary@a.example", LidEntryFlags.DbInsert, Levels: 1)))
            await SeenAsync("");
        Assert.That(await RulesAsync(), Is.EqualTo(".server.example john@a.example, mary@a.example"), "it is there already");
        await using (await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("mary@a.example", LidEntryFlags.DbInsert | LidEntryFlags.DbReorder, Levels: 1)))
            await SeenAsync("");
        Assert.That(await RulesAsync(), Is.EqualTo(".server.example mary@a.example, john@a.example"));
    }

    [Test]
    public async Task Stored_entries_are_shown_before_the_question()
    {
        await _pool.RunAsync("disclose", "add", ".server.example", "mary@a.example", "--nobody");
        var shown = new List<string>();
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, (question, _) =>
        {
            shown.Add($"{question.IsEntry} {question.MaxLevels} {question.RemoteId} {question.LocalId}");
            return ValueTask.FromResult<LocalIdChoice?>(new LocalIdChoice("john@a.example"));
        }, LidEntryFlags.WantDbEntry);
        Assert.That(await SeenAsync("john@a.example"), Is.EqualTo("john@a.example"));
        Assert.That(shown, Is.EqualTo(new[] { "True 1 .server.example mary@a.example", "True 1 .server.example ", "False 1 www.server.example mary@a.example" }));
    }

    [Test]
    public async Task A_session_that_fails_stores_nothing()
    {
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("john@a.example", LidEntryFlags.DbInsert));
        StartTlsOptions refusing = StartTlsOptions.Client("www.server.example") with { ConnectPlaintext = (_, _) => throw new NotSupportedException("no plaintext today") };
        TlsPoolException? late = await Assert.ThrowsAsync<TlsPoolException>(() => SessionAsync(refusing));
        Assert.That(late!.Error, Is.EqualTo(PoolError.ClientRefusesCallback), "the handshake was done");
        await Assert.ThrowsAsync<TlsPoolException>(() => SessionAsync(StartTlsOptions.Client("other.server.example")));
        Assert.That(await RulesAsync(), Is.Empty);
    }

    [TestCase("nobody@a.example", "www.server.example", PoolError.ConnectionDriverSetup, "no credential for nobody@a.example in this role")]
    [TestCase("no identity", "www.server.example", PoolError.ClientRefusesCallback, "'no identity' is no identity")]
    [TestCase("john@a.example", ".example", PoolError.ClientRefusesCallback, ".example is 2 levels up from www.server.example, and 1 may be")]
    [TestCase("john@a.example", "elsewhere.example", PoolError.ClientRefusesCallback, "'elsewhere.example' does not stand for www.server.example")]
    public async Task Answers_that_cannot_be_are_refused(string localId, string remoteId, PoolError error, string reason)
    {
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice(localId, LidEntryFlags.DbInsert, RemoteId: remoteId));
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => SeenAsync(""));
        Assert.That((refused!.Error, refused.Message), Is.EqualTo((error, refused.Message)));
        Assert.That(refused.Message, Does.Contain(reason));
        Assert.That(await RulesAsync(), Is.Empty);
    }

    [Test]
    public async Task What_the_application_may_not_use_cannot_be_chosen_for_it()
    {
        await _pool.RunAsync("access", "add", "mary@a.example", "--user", "12345");
        try
        {
            await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("mary@a.example"));
            TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => SeenAsync("john@a.example"));
            Assert.That(refused!.Message, Does.Contain("no access to mary@a.example"));
        }
        finally
        {
            await _pool.RunAsync("access", "remove", "mary@a.example");
        }
    }

    [TestCase("mary@a.example", false)]
    [TestCase("john@a.example", true)]
    [TestCase("", true)]
    public async Task What_a_rule_refuses_to_show_cannot_be_chosen(string choice, bool allowed)
    {
        await _pool.RunAsync("disclose", "add", ".server.example", "john@a.example", "--refuse");
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice(choice, LidEntryFlags.DbInsert));
        if (allowed)
        {
            Assert.That(await SeenAsync("mary@a.example"), Is.EqualTo(choice));
            return;
        }
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => SeenAsync(""));
        Assert.That(
            (refused!.Error, refused.Message),
            Is.EqualTo((PoolError.ClientRefusesCallback, "the disclosure rule for .server.example refuses to show mary@a.example")));
        Assert.That(await RulesAsync(), Does.Not.Contain("mary"));
    }

    [Test]
    public async Task A_new_identity_is_waited_for()
    {
        string file = await _pool.IdentityAsync("new@a.example");
        string shown = await _pool.RunAsync("identity", "show", "new@a.example");
        await _pool.RunAsync("identity", "remove", "new@a.example", "--keep-key");
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("new@a.example", LidEntryFlags.New));
        Task<string> session = SeenAsync("");
        await _pool.RunAsync("identity", "add", "new@a.example", "--certificate", file, "--key", shown.Split('\n').Single(line => line.Contains("builtin:", StringComparison.Ordinal)).Split(' ')[^1]);
        Assert.That(await session, Is.EqualTo("new@a.example"));
    }

    [Test]
    public async Task A_new_identity_that_does_not_come_is_waited_for_as_long_as_the_session_has_time()
    {
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("never@a.example", LidEntryFlags.New));
        TlsPoolException? late = await Assert.ThrowsAsync<TlsPoolException>(
            () => SessionAsync(StartTlsOptions.Client("www.server.example") with { Timeout = TimeSpan.FromSeconds(2) }));
        Assert.That(late!.Message, Does.Contain("time limit"));
    }

    [Test]
    public async Task Whoever_refuses_refuses_the_session_and_goes_on()
    {
        int asked = 0;
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(
            _pool, (_, _) => ValueTask.FromResult(asked++ == 0 ? null : new LocalIdChoice("john@a.example")));
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => SeenAsync("mary@a.example"));
        Assert.That((refused!.Error, refused.Message), Is.EqualTo((PoolError.ClientRefusesCallback, "the program that chooses local identities refused")));
        Assert.That(await SeenAsync(""), Is.EqualTo("john@a.example"));
    }

    [Test]
    public async Task There_is_one_program_at_a_time()
    {
        await using LocalIdProgram first = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("john@a.example"));
        await using LocalIdProgram second = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("mary@a.example"));
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => second.Serving.WaitAsync(Patience));
        Assert.That(refused!.Error, Is.EqualTo(PoolError.LidEntryNotVacant));
        Assert.That(await SeenAsync(""), Is.EqualTo("john@a.example"));
        await first.DisposeAsync();
        await using LocalIdProgram third = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("mary@a.example"));
        Assert.That(await SeenAsync(""), Is.EqualTo("mary@a.example"), "the place is free at once");
    }

    [Test]
    public async Task The_application_s_change_does_not_override_the_user()
    {
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice("john@a.example"));
        StartTlsOptions changing = StartTlsOptions.Client("www.server.example") with
        {
            CheckLocalId = (_, _) => ValueTask.FromResult(LocalIdAnswer.Change("mary@a.example")),
        };
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => SessionAsync(changing));
        Assert.That(refused!.Message, Does.Contain("the user has chosen john@a.example, and not mary@a.example"));
    }

    private Task<string> SeenAsync(string suggestion) => SessionAsync(StartTlsOptions.Client("www.server.example") with { LocalId = suggestion });

    private Task<string> SessionAsync(StartTlsOptions options) => LocalIdSessions.SeenAsync(_client, options);

    private async Task<string> RulesAsync()
    {
        string list = await _pool.RunAsync("disclose", "list");
        return list.Contains("There are no rules", StringComparison.Ordinal) ? "" : string.Join(' ', list.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim();
    }
}
