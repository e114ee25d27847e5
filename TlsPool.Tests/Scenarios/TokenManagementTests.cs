using System.Text.RegularExpressions;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Tokens that are logged out and in by who manages the pool.</summary>
[Parallelizable]
public sealed class TokenManagementTests
{
    private const string Pin = "8151-of-the-token";
    private const string Token = "pkcs11:token=one";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_token_that_is_logged_out_signs_nothing_until_it_is_logged_in()
    {
        await using LockedTokens tokens = await LockedTokens.StartAsync(new Dictionary<string, string> { ["one"] = Pin });
        PoolProcess pool = tokens.Pool;
        string pin = Path.Combine(pool.Directory, "pin");
        await File.WriteAllTextAsync(pin, Pin + "\n");
        string wrong = Path.Combine(pool.Directory, "wrong");
        await File.WriteAllTextAsync(wrong, "not-the-pin\n");
        await using TlsPoolClient client = pool.Client();

        await Waiting.ForAsync(() => pool.RunAsync("token", "list").Result.Contains("awaiting-pin", StringComparison.Ordinal));
        Assert.That(await pool.RunAsync("entry", "list"), Does.Contain("pin-request").And.Contains("one").And.Contains("waiting"));
        (int code, string output) = await pool.TryAsync("token", "login", Token, "--pin-file", wrong);
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("PIN"));
        Assert.That(await pool.RunAsync("token", "login", Token, "--pin-file", pin), Does.Contain("is logged in"));
        (await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience)).Dispose();
        Assert.That(await pool.RunAsync("token", "list"), Does.Match($"{Token} +ready +0 +[1-9]"));
        Assert.That(await pool.RunAsync("entry", "list"), Does.Not.Contain("pin-request"));

        Assert.That(await pool.RunAsync("token", "logout", Token, "--yes"), Does.Contain("is logged out"));
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => LockedTokens.SessionAsync(client, "one").WaitAsync(Patience));
        Assert.That(refused!.Message, Does.Contain("was logged out by uid 0 (admin): log it in with tlspool token login"));
        Assert.That(await pool.RunAsync("token", "list"), Does.Contain("logged-out"));
        pool.Daemon.Signal("HUP");
        await pool.WaitForLogAsync("configuration read again");
        Assert.That(await pool.RunAsync("token", "list"), Does.Contain("logged-out"), "a reload does not log it in");

        await pool.RunAsync("token", "login", Token, "--pin-file", pin);
        (await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience)).Dispose();
        string trail = await pool.RunAsync("audit", "query", "--json");
        Assert.That(trail, Does.Contain("is logged out, by uid 0 (admin)").And.Contains("PIN entered by who manages the pool"));
        foreach (string text in new[] { trail, pool.Log })
            Assert.That(text, Does.Not.Contain(Pin).And.Not.Contains("not-the-pin"));
    }

    [Test]
    public async Task A_token_is_logged_out_and_in_at_the_screen_and_its_PIN_is_not_shown()
    {
        await using LockedTokens tokens = await LockedTokens.StartAsync(new Dictionary<string, string> { ["one"] = Pin });
        PoolProcess pool = tokens.Pool;
        await using TmuxTerminal terminal = await TmuxTerminal.StartAsync(
            110, 30, PoolProcess.Program, "console", "--refresh", "0.5", "--socket", Path.Combine(pool.Directory, "pool-manage.sock"), "--screen", "tokens");
        await terminal.WaitForAsync("awaiting-pin");
        await terminal.PressAsync("Down");
        await terminal.WaitForAsync("\n>awaiting-pin");
        await LogInAsync("not-the-pin");
        await terminal.WaitForAsync(screen => Regex.IsMatch(screen, "token login: (?!asked)"), "a refusal");
        await LogInAsync(Pin);
        await terminal.WaitForAsync("is logged in");
        await terminal.WaitForAsync(screen => screen.Contains(" ready", StringComparison.Ordinal), "a token that is ready");
        await using TlsPoolClient client = pool.Client();
        (await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience)).Dispose();

        await terminal.PressAsync("a", "o");
        await terminal.WaitForAsync("once more");
        await terminal.TypeAsync(Token);
        await terminal.PressAsync("Enter");
        await terminal.WaitForAsync("is logged out");
        await terminal.WaitForAsync("logged-out");
        Assert.That(pool.Log, Does.Not.Contain(Pin).And.Not.Contains("not-the-pin"));

        async Task LogInAsync(string pin)
        {
            await terminal.PressAsync("a", "l");
            await terminal.WaitForAsync("Enter does it");
            await terminal.TypeAsync(pin);
            string screen = await terminal.WaitForAsync(new string('*', pin.Length));
            Assert.That(screen, Does.Not.Contain(pin));
            await terminal.PressAsync("Enter");
        }
    }

    [Test]
    public async Task A_token_is_logged_in_again_with_the_PIN_of_a_person()
    {
        await using LockedTokens tokens = await LockedTokens.StartAsync(new Dictionary<string, string> { ["one"] = Pin });
        await using var program = new PinProgram(tokens.Pool, _ => Pin);
        await tokens.Pool.WaitForLogAsync("is ready");
        Assert.That(await tokens.Pool.RunAsync("entry", "list"), Does.Contain("pin-program").And.Contains("offering"));
        await tokens.Pool.RunAsync("token", "logout", Token, "--yes");
        await tokens.Pool.RunAsync("token", "login", Token, "--no-pin");
        await Waiting.ForAsync(() => program.Prompts.Count == 2);
        await using TlsPoolClient client = tokens.Pool.Client();
        (await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience)).Dispose();
    }
}
