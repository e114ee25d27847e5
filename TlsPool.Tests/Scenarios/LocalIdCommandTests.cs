using System.Text.Json;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>tlspool localid</c> on a pseudo-terminal, and by its policies.</summary>
[Parallelizable]
public sealed class LocalIdCommandTests
{
    private const string Registered = "chooses local identities (";
    private const string WhoPrompt = "Number, identity, n(obody), r(efuse) or ? for more: ";
    private const string RememberPrompt = "nothing for only this time: ";

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        foreach (string identity in new[] { "www.server.example", "john@a.example", "mary@a.example" })
            await _pool.IdentityAsync(identity);
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
        foreach (string selector in new[] { "www.server.example", ".server.example" })
            await _pool.TryAsync("disclose", "remove", selector);
    }

    [Test]
    public async Task A_person_picks_from_the_menu_and_has_it_remembered()
    {
        await _pool.RunAsync("disclose", "add", ".server.example", "mary@a.example", "--nobody");
        await using (ChildProcess terminal = await OnTerminalAsync("localid --skip never"))
        {
            Task<string> session = SeenAsync("john@a.example");
            string menu = await terminal.WaitForAsync(WhoPrompt);
            Assert.That(
                menu.ReplaceLineEndings("\n"),
                Does.Contain("Whom is a client to be for www.server.example?\n").And.Match(@"   1  mary@a\.example +stored for \.server\.example \(1 level up\), suggested\n")
                    .And.Match(@"   2  \(nobody\) +stored for \.server\.example \(1 level up\)\n"));
            await TypeAsync(terminal, WhoPrompt, 1, "john@a.example");
            Assert.That((await terminal.WaitForAsync(RememberPrompt)).ReplaceLineEndings("\n"), Does.Contain("   1  for www.server.example\n   2  for .server.example\nNumber"));
            await TypeAsync(terminal, RememberPrompt, 1, "3");
            await TypeAsync(terminal, RememberPrompt, 2, "2l");
            Assert.That(await session, Is.EqualTo("john@a.example"));
            Assert.That(await _pool.RunAsync("disclose", "list"), Does.Contain("mary@a.example, (nobody), john@a.example"));

            session = SeenAsync("");
            await TypeAsync(terminal, WhoPrompt, 2, "3");
            await TypeAsync(terminal, RememberPrompt, 3, "2");
            Assert.That(await session, Is.EqualTo("john@a.example"));
            Assert.That(await _pool.RunAsync("disclose", "list"), Does.Contain("john@a.example, mary@a.example, (nobody)"));
            await EndAsync(terminal);
        }
        await using ChildProcess skipping = await OnTerminalAsync("localid");
        Assert.That(await SeenAsync("mary@a.example"), Is.EqualTo("mary@a.example"), "what is stored is not asked for again");
        Assert.That(skipping.Output, Does.Not.Contain(WhoPrompt));
        await EndAsync(skipping);
    }

    [Test]
    public async Task A_person_may_show_nobody_refuse_and_change_their_mind_about_what_they_typed()
    {
        await using ChildProcess terminal = await OnTerminalAsync("localid mary@a.example");
        Task<string> session = SeenAsync("john@a.example");
        await TypeAsync(terminal, WhoPrompt, 1, "?");
        await TypeAsync(terminal, WhoPrompt, 2, "7");
        await TypeAsync(terminal, WhoPrompt, 3, "two words");
        await TypeAsync(terminal, WhoPrompt, 4, "");
        await TypeAsync(terminal, WhoPrompt, 5, "n");
        await TypeAsync(terminal, RememberPrompt, 1, "");
        Assert.That(await session, Is.Empty);
        Assert.That(
            terminal.Output.ReplaceLineEndings("\n"),
            Does.Contain("new IDENTITY").And.Contains("'7' is neither in the list nor an identity").And.Contains("'two words' is neither")
                .And.Match(@"   1  john@a\.example +suggested\n   2  mary@a\.example\n"));

        session = SeenAsync("john@a.example");
        await TypeAsync(terminal, WhoPrompt, 6, "r");
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => session);
        Assert.That((refused!.Error, refused.Message), Is.EqualTo((PoolError.ClientRefusesCallback, "the program that chooses local identities refused")));

        session = SeenAsync("");
        await TypeAsync(terminal, WhoPrompt, 7, "\u0004");
        await Assert.ThrowsAsync<TlsPoolException>(() => session);

        session = SeenAsync("");
        await TypeAsync(terminal, WhoPrompt, 8, "1");
        await TypeAsync(terminal, RememberPrompt, 2, "");
        Assert.That(await session, Is.EqualTo("mary@a.example"));
        await EndAsync(terminal);
    }

    [Test]
    public async Task A_new_identity_is_waited_for()
    {
        string file = await _pool.IdentityAsync("later@a.example");
        string key = (await _pool.RunAsync("identity", "show", "later@a.example")).Split('\n').Single(line => line.Contains("builtin:", StringComparison.Ordinal)).Split(' ')[^1];
        await _pool.RunAsync("identity", "remove", "later@a.example", "--keep-key");
        await using ChildProcess terminal = await OnTerminalAsync("localid --once");
        Task<string> session = SeenAsync("");
        await TypeAsync(terminal, WhoPrompt, 1, "new later@a.example");
        await TypeAsync(terminal, RememberPrompt, 1, "");
        Assert.That(await terminal.ExitAsync(), Is.Zero, terminal.Output);
        await _pool.RunAsync("identity", "add", "later@a.example", "--certificate", file, "--key", key);
        Assert.That(await session, Is.EqualTo("later@a.example"));
    }

    [Test]
    public async Task What_strangers_wrote_does_not_steer_the_terminal()
    {
        await using ChildProcess terminal = await OnTerminalAsync("localid --once");
        Task<string> session = LocalIdSessions.SeenAsync(_client, StartTlsOptions.Client("a\u202eb\u2066@www.server.example") with { LocalId = "x\u202e\u200b@a.example" });
        await TypeAsync(terminal, WhoPrompt, 1, "r\u202e\u009b");
        await TypeAsync(terminal, WhoPrompt, 2, "r");
        await Assert.ThrowsAsync<TlsPoolException>(() => session);
        Assert.That(await terminal.ExitAsync(), Is.EqualTo(1));
        string output = terminal.Output.Replace("r\u202e\u009b\r\n", "", StringComparison.Ordinal);
        Assert.That(output, Does.Contain("for a?b?@www.server.example?").And.Contains("x??@a.example").And.Contains("'r??' is neither"));
        Assert.That(output, Does.Not.Match("[\u200b\u202e\u2066\u009b\u001b]"));
    }

    [Test]
    public async Task What_was_typed_before_the_question_does_not_answer_it()
    {
        await using ChildProcess terminal = await OnTerminalAsync("localid --once");
        await terminal.Input.WriteAsync("mary@a.example\n");
        await terminal.Input.FlushAsync();
        await terminal.WaitForAsync("mary@a.example");
        Task<string> session = SeenAsync("john@a.example");
        await TypeAsync(terminal, WhoPrompt, 1, "1");
        await TypeAsync(terminal, RememberPrompt, 1, "");
        Assert.That(await session, Is.EqualTo("john@a.example"));
        Assert.That(await terminal.ExitAsync(), Is.Zero);
    }

    [Test]
    public async Task Whoever_does_not_answer_refuses_one_session_and_is_asked_about_the_next()
    {
        await using ChildProcess terminal = await OnTerminalAsync("localid --timeout 3");
        TlsPoolException? late = await Assert.ThrowsAsync<TlsPoolException>(() => SeenAsync(""));
        Assert.That(late!.Error, Is.EqualTo(PoolError.ClientRefusesCallback));
        await terminal.WaitForAsync("no answer within 3 s: the session is refused");
        Task<string> session = SeenAsync("");
        await TypeAsync(terminal, WhoPrompt, 2, "r");
        Assert.That((await Assert.ThrowsAsync<TlsPoolException>(() => session))!.Message, Does.EndWith("refused"));
        await EndAsync(terminal);
    }

    [TestCase("first", "mary@a.example", "john@a.example", "john@a.example")]
    [TestCase("only", "", "", null, "john@a.example", "mary@a.example")]
    [TestCase("none", "mary@a.example", "", "")]
    public async Task Policies_decide_without_anybody(string policy, string suggestion, string stored, string? expected, params string[] offered)
    {
        if (stored.Length > 0)
            await _pool.RunAsync("disclose", "add", ".server.example", stored);
        await using ChildProcess program = await StartedAsync(() => _pool.Start(["localid", "--auto", policy, "--skip", "never", "--once", "--json", .. offered]));
        string? seen = null;
        try
        {
            seen = await SeenAsync(suggestion);
        }
        catch (TlsPoolException refused)
        {
            Assert.That(refused.Error, Is.EqualTo(PoolError.ClientRefusesCallback));
        }
        Assert.That(seen, Is.EqualTo(expected));
        Assert.That(await program.ExitAsync(), Is.EqualTo(expected is null ? 1 : 0), program.Output);
        JsonElement[] events = [.. program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(events.Select(one => one.GetProperty("event").GetString()), Is.EqualTo(new[] { "waiting", "question", "answer" }));
        Assert.That(events[1].GetProperty("remoteId").GetString(), Is.EqualTo("www.server.example"));
        Assert.That(events[1].GetProperty("stored").GetArrayLength(), Is.EqualTo(stored.Length > 0 ? 1 : 0));
        Assert.That((events[2].GetProperty("refused").GetBoolean(), events[2].GetProperty("localId").GetString()), Is.EqualTo((expected is null, expected ?? "")));
    }

    [Test]
    public async Task Goes_on_when_the_pool_has_restarted()
    {
        await using ChildProcess program = await StartedAsync(() => _pool.Start(["localid", "--auto", "none"]));
        await _pool.StopDaemonAsync("TERM");
        await program.WaitForAsync("waiting for it");
        await _pool.StartDaemonAsync();
        await _pool.WaitForLogAsync(Registered);
        Assert.That(await SeenAsync("john@a.example"), Is.Empty);
        program.Signal("TERM");
        Assert.That(await program.ExitAsync(), Is.Zero, program.Output);
        Assert.That(program.Output, Does.Contain("www.server.example: nobody"));
    }

    [Test]
    public async Task Mistakes_are_told_with_what_to_do()
    {
        (int code, string output) = await ChildProcess.RunAsync("setsid", ["--wait", PoolProcess.Program, "localid"]);
        Assert.That((code, output.Trim()), Is.EqualTo((1, "tlspool: there is no terminal to ask on: use --auto POLICY")));
        (code, output) = await _pool.TryAsync("localid", "--auto", "none", "--timeout", "3601");
        Assert.That((code, output.Trim()), Is.EqualTo((1, "tlspool: --timeout takes 1 to 3600")));
        (code, output) = await _pool.TryAsync("localid", "--auto", "none", ".example");
        Assert.That((code, output), Is.EqualTo((1, output)));
        Assert.That(output, Does.Contain("is no identity"));
        (code, output) = await _pool.TryAsync("localid", "--auto", "none", "--socket", "/nowhere.sock");
        Assert.That((code, output), Is.EqualTo((1, output)));
        Assert.That(output, Does.Contain("no TLS Pool at /nowhere.sock"));
        await using LocalIdProgram other = await LocalIdProgram.StartAsync(_pool, new LocalIdChoice(""));
        (code, output) = await _pool.TryAsync("localid", "--auto", "none");
        Assert.That((code, output), Is.EqualTo((1, output)));
        Assert.That(output, Does.Contain("this program may not choose local identities now"));
        Assert.That(await _pool.RunAsync("localid", "--help"), Does.Contain("Usage:"));
    }

    private Task<string> SeenAsync(string suggestion) => LocalIdSessions.SeenAsync(_client, StartTlsOptions.Client("www.server.example") with { LocalId = suggestion });

    private Task<ChildProcess> OnTerminalAsync(string arguments) =>
        StartedAsync(() => _pool.StartProgram("script", ["-qec", $"exec env --default-signal=INT {PoolProcess.Program} {arguments}", "/dev/null"]));

    /// <summary>Starts a program, and waits until the pool knows that it chooses.</summary>
    private async Task<ChildProcess> StartedAsync(Func<ChildProcess> start)
    {
        int before = _pool.Log.Split(Registered).Length;
        ChildProcess program = start();
        await _pool.Daemon.WaitForAsync(log => log.Split(Registered).Length > before);
        return program;
    }

    /// <summary>Answers the prompt of that number.</summary>
    private static async Task TypeAsync(ChildProcess terminal, string prompt, int number, string line)
    {
        await terminal.WaitForAsync(output => output.Split(prompt).Length > number);
        await terminal.Input.WriteAsync(line == "\u0004" ? line : line + "\n");
        await terminal.Input.FlushAsync();
    }

    private static async Task EndAsync(ChildProcess terminal)
    {
        await terminal.Input.WriteAsync("\u0003");
        await terminal.Input.FlushAsync();
        Assert.That(await terminal.ExitAsync(), Is.Zero, terminal.Output);
    }
}
