using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Tokens that lock, go away, or are several, and the people who are asked for their PINs.</summary>
[Parallelizable]
public sealed class PinsOfTokensTests
{
    private const string Pin = "3141-secret-of-one";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("tlspool-pins-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task The_last_try_is_never_spent()
    {
        string module = Path.Combine(_directory, "locking.so"), count = Path.Combine(_directory, "count");
        (int code, string output) = await ChildProcess.RunAsync(
            "gcc", ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", module, Path.Combine(AppContext.BaseDirectory, "Processes", "LockingModule.c")]);
        Assert.That(code, Is.Zero, output);
        await using LockedTokens tokens = await LockedTokens.StartAsync(One(Pin), module, ("LOCKING_COUNT", count));
        await using TlsPoolClient client = tokens.Pool.Client();
        string entered = "a wrong one";
        await using var program = new PinProgram(tokens.Pool, _ => entered);
        await tokens.Pool.WaitForLogAsync("stays unused: one more wrong PIN would lock token");
        Assert.That(program.Prompts.Select(prompt => prompt.Attempt), Is.EqualTo(new[] { 0u, 1u }));

        // Not for any session either.
        for (int session = 0; session < 2; session++)
        {
            TlsPoolException? failed = await Assert.ThrowsAsync<TlsPoolException>(() => LockedTokens.SessionAsync(client, "one").WaitAsync(Patience));
            Assert.That(failed!.Message, Is.EqualTo("one more wrong PIN would lock token \"one\": log in once with its own tools").And.Not.Contains(entered));
        }
        Assert.That(program.Prompts, Has.Count.EqualTo(2));
        Assert.That((await File.ReadAllTextAsync(count)).Trim(), Is.EqualTo("2"), "of three");

        // Somebody logs in with the token's own tools.
        File.Delete(count);
        entered = Pin;
        using TlsSession served = await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience);
        Assert.That(program.Prompts, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Tokens_are_asked_about_one_after_the_other()
    {
        var pins = new Dictionary<string, string> { ["one"] = Pin, ["two"] = "2718-secret-of-two", ["three"] = "1618-secret-of-three" };
        await using LockedTokens tokens = await LockedTokens.StartAsync(pins);
        await using TlsPoolClient client = tokens.Pool.Client();
        Task<TlsSession>[] waiting = [.. pins.Keys.Select(label => LockedTokens.SessionAsync(client, label))];
        await using var program = new PinProgram(tokens.Pool, prompt => prompt.Attempt == 0 ? "wrong at first" : pins[prompt.TokenLabel]);
        foreach (Task<TlsSession> session in waiting)
            (await session.WaitAsync(Patience)).Dispose();
        Assert.That(program.Prompts, Has.Count.EqualTo(6));
        foreach (PinPrompt[] pair in program.Prompts.Chunk(2))
            Assert.That((pair[0].TokenLabel, pair[0].Attempt, pair[1].Attempt), Is.EqualTo((pair[1].TokenLabel, 0u, 1u)), "never interleaved");
    }

    [Test]
    public async Task A_session_fails_in_bounded_time_when_nobody_serves()
    {
        await using LockedTokens tokens = await LockedTokens.StartAsync(One(Pin));
        await using TlsPoolClient client = tokens.Pool.Client();
        TlsPoolException? failed = await Assert.ThrowsAsync<TlsPoolException>(() => LockedTokens.SessionAsync(client, "one").WaitAsync(Patience));
        Assert.That(failed!.Message, Does.Contain("nobody has entered the PIN of token \"one\" in time: run tlspool pin"));
        // Whoever comes then is asked at once, for the sessions that will come.
        await using var program = new PinProgram(tokens.Pool, _ => Pin);
        await tokens.Pool.WaitForLogAsync("is ready");
    }

    [Test]
    public async Task A_token_that_was_removed_and_inserted_again_asks_again()
    {
        // p11-kit's server stands for a token on a cable: ending it is pulling the plug.
        string address = Path.Combine(_directory, "p11.sock");
        await using LockedTokens tokens = await LockedTokens.StartAsync(
            One(Pin), "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so", ("P11_KIT_SERVER_ADDRESS", "unix:path=" + address));
        await using TlsPoolClient client = tokens.Pool.Client();
        await using var program = new PinProgram(tokens.Pool, _ => Pin);
        await using (ChildProcess inserted = Insert(tokens, address))
        {
            await tokens.Pool.WaitForLogAsync("is ready");
            using TlsSession session = await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience);
            Assert.That(program.Prompts, Has.Count.EqualTo(1));
        }
        File.Delete(address);
        Task<TlsSession> unlucky = LockedTokens.SessionAsync(client, "one");
        await tokens.Pool.WaitForLogAsync("is lost and looked for");
        await using ChildProcess again = Insert(tokens, address);
        await tokens.Pool.Daemon.WaitForAsync(log => log.Split("is ready").Length > 2);
        Assert.That(program.Prompts.Select(prompt => prompt.Attempt), Is.EqualTo(new[] { 0u, 0u }));
        // It may have been in time or not, but has an answer.
        await unlucky.ContinueWith(ended => ended.IsCompletedSuccessfully ? ended.Result : null, TaskScheduler.Default).WaitAsync(Patience);
        using TlsSession after = await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience);
        Assert.That(program.Prompts, Has.Count.EqualTo(2));
    }

    private static ChildProcess Insert(LockedTokens tokens, string address) => ChildProcess.Start(
        "p11-kit", ["server", "--foreground", "--provider", LockedTokens.SoftHsm, "--name", address, "pkcs11:"], tokens.Environment);

    private static Dictionary<string, string> One(string pin) => new() { ["one"] = pin };
}
