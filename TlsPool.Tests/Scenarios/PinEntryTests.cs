using System.Diagnostics;
using System.Globalization;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>PINENTRY between the daemon, SoftHSM tokens and programs that use the client library.</summary>
[Parallelizable]
public sealed class PinEntryTests
{
    private const string Pin = "7391-secret-of-one";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private LockedTokens _tokens = null!;
    private TlsPoolClient _client = null!;

    private PoolProcess Pool => _tokens.Pool;

    [SetUp]
    public async Task Start()
    {
        _tokens = await LockedTokens.StartAsync(new Dictionary<string, string> { ["one"] = Pin });
        _client = Pool.Client();
    }

    [TearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _tokens.DisposeAsync();
    }

    [Test]
    public async Task A_person_enters_the_PIN_and_sessions_sign_with_the_token()
    {
        Task<TlsSession> waiting = LockedTokens.SessionAsync(_client, "one");
        await using var program = new PinProgram(Pool, _ => Pin);
        using (await waiting.WaitAsync(Patience))
        using (await LockedTokens.SessionAsync(_client, "one").WaitAsync(Patience))
        {
            Assert.That(program.Prompts, Has.Count.EqualTo(1));
        }
        PinPrompt prompt = program.Prompts[0];
        Assert.That(
            (prompt.Attempt, prompt.TokenLabel, prompt.TokenManufacturer, prompt.TokenModel, prompt.TokenSerial.Length),
            Is.EqualTo((0u, "one", "SoftHSM project", "SoftHSM v2", 16)));
        Assert.That(Pool.Log, Does.Contain("serves PINs").And.Not.Contains(Pin));
        string trail = await TrailAsync("token-login");
        Assert.That(trail, Does.Contain("PIN entered by a person").And.Contains(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}")));
    }

    [Test]
    public async Task The_PIN_is_asked_for_before_any_session_and_again_after_a_wrong_one()
    {
        await using var program = new PinProgram(Pool, prompt => prompt.Attempt < 2 ? $"wrong {prompt.Attempt}" : Pin);
        await Pool.WaitForLogAsync("is ready");
        Assert.That(program.Prompts.Select(prompt => prompt.Attempt), Is.EqualTo(new[] { 0u, 1u, 2u }));
        using TlsSession session = await LockedTokens.SessionAsync(_client, "one").WaitAsync(Patience);
        Assert.That(Pool.Log, Does.Not.Contain(Pin).And.Not.Contains("wrong 0"));
    }

    [Test]
    public async Task A_refusal_fails_who_waits_and_the_next_session_asks_again()
    {
        bool willing = false;
        await using var program = new PinProgram(Pool, _ => willing ? Pin : "");
        await Pool.WaitForLogAsync("refused to enter the PIN");
        Assert.That(program.Prompts, Has.Count.EqualTo(1), "a refusal is no reason to ask again");
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => LockedTokens.SessionAsync(_client, "one").WaitAsync(Patience));
        Assert.That(refused!.Message, Does.Contain("the PIN of token \"one\" was refused"));
        int asked = program.Prompts.Count;
        Assert.That(asked, Is.EqualTo(2));
        willing = true;
        using TlsSession session = await LockedTokens.SessionAsync(_client, "one").WaitAsync(Patience);
        Assert.That(program.Prompts, Has.Count.EqualTo(asked + 1));
    }

    [Test]
    public async Task Nothing_of_the_PIN_is_left_in_log_and_memory()
    {
        await using var program = new PinProgram(Pool, prompt => prompt.Attempt == 0 ? "9-a-wrong-one-9" : Pin);
        using TlsSession session = await LockedTokens.SessionAsync(_client, "one").WaitAsync(Patience);
        // What is found at all: a text that has to be in the daemon's memory.
        Assert.That(ProcessMemory.Find(Pool.Daemon.Id, $"{Pool.Directory}/pool.sock"), Is.Not.Empty);
        Assert.That(ProcessMemory.Find(Pool.Daemon.Id, Pin), Is.Empty);
        Assert.That(ProcessMemory.Find(Pool.Daemon.Id, "9-a-wrong-one-9"), Is.Empty);
        Assert.That(Pool.Log, Does.Not.Contain(Pin).And.Not.Contains("9-a-wrong-one-9"));
        Assert.That(await TrailAsync("token-login"), Does.Contain("CKR_PIN_INCORRECT"));
        foreach (string file in Directory.GetFiles(Path.Combine(Pool.Directory, "db")))
        {
            byte[] content = await File.ReadAllBytesAsync(file);
            Assert.That(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Pin)) + content.AsSpan().IndexOf("9-a-wrong-one-9"u8), Is.EqualTo(-2), file);
        }
    }

    /// <summary>What the audit trail says of a kind, once it says anything.</summary>
    private async Task<string> TrailAsync(string kind)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string trail = await Pool.RunAsync("audit", "query", "--json", "--kind", kind);
            if (trail.Length > 0)
                return trail;
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Patience), $"no {kind} in the audit trail");
            await Task.Delay(50);
        }
    }
}
