using System.Globalization;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>tlspool pin</c> on a pseudo-terminal, and with programs that ask.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PinCommandTests
{
    private const string Pin = "5208-pin-at-a-terminal";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private LockedTokens _tokens = null!;

    private PoolProcess Pool => _tokens.Pool;

    [SetUp]
    public async Task Start() => _tokens = await LockedTokens.StartAsync(new Dictionary<string, string> { ["one"] = Pin });

    [TearDown]
    public async Task Stop() => await _tokens.DisposeAsync();

    [Test]
    public async Task Asks_on_the_terminal_without_echo_until_the_PIN_is_right()
    {
        await using ChildProcess terminal = OnTerminal("pin --once");
        await TypeAsync(terminal, 1, "wrong-one");
        string output = await terminal.WaitForAsync("That PIN was wrong");
        await TypeAsync(terminal, 2, Pin);
        await Pool.WaitForLogAsync("is ready");
        Assert.That(await terminal.ExitAsync(), Is.Zero, terminal.Output);
        Assert.That(output, Does.Contain("PIN of one").And.Match("token \"one\" \\(SoftHSM project, SoftHSM v2, serial [0-9a-f]{16}\\), attempt 1"));
        Assert.That(terminal.Output, Does.Contain("attempt 2").And.Not.Contains(Pin).And.Not.Contains("wrong-one"));
        await using TlsPoolClient client = Pool.Client();
        using TlsSession session = await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience);
    }

    [Test]
    public async Task The_daemons_option_p_asks_for_one_PIN()
    {
        await using ChildProcess terminal = OnTerminal("-p");
        await TypeAsync(terminal, 1, Pin);
        await Pool.WaitForLogAsync("is ready");
        Assert.That(await terminal.ExitAsync(), Is.Zero, terminal.Output);
    }

    [Test]
    public async Task A_daemon_in_the_foreground_asks_on_its_own_terminal()
    {
        await Pool.StopDaemonAsync("TERM");
        await using (ChildProcess terminal = OnTerminal("-f -p"))
        {
            await TypeAsync(terminal, 1, "wrong-one");
            await TypeAsync(terminal, 2, Pin);
            await terminal.WaitForAsync("is ready");
            await using (TlsPoolClient client = Pool.Client())
            {
                using TlsSession session = await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience);
            }
            await terminal.Input.WriteAsync("\u0003");
            await terminal.Input.FlushAsync();
            Assert.That(await terminal.ExitAsync(), Is.Zero, terminal.Output);
            Assert.That(terminal.Output, Does.Not.Contain(Pin).And.Not.Contains("wrong-one").And.Not.Contains("waiting for it"));
        }
        await Pool.StartDaemonAsync();
    }

    [Test]
    public async Task Nothing_typed_is_left_in_the_memory_of_the_program()
    {
        string id = Path.Combine(Pool.Directory, "id");
        await using ChildProcess terminal = Pool.StartProgram(
            "script", ["-qec", $"sh -c 'echo $$ > {id}; exec {PoolProcess.Program} pin'", "/dev/null"]);
        await TypeAsync(terminal, 1, "8-a-wrong-one-8");
        await TypeAsync(terminal, 2, Pin);
        await Pool.WaitForLogAsync("is ready");
        int process = int.Parse(await File.ReadAllTextAsync(id), CultureInfo.InvariantCulture);
        Assert.That(ProcessMemory.Find(process, "PIN, or nothing to refuse: "), Is.Not.Empty, "what is there is found");
        Assert.That(ProcessMemory.Find(process, Pin), Is.Empty);
        Assert.That(ProcessMemory.Find(process, "8-a-wrong-one-8"), Is.Empty);
    }

    [Test]
    public async Task Nothing_that_a_program_wrote_is_left_in_the_memory_of_the_one_that_ran_it()
    {
        await using ChildProcess pin = Pool.Start(["pin", "--askpass", await AskPassAsync($"echo {Pin}")]);
        await Pool.WaitForLogAsync("is ready");
        Assert.That(ProcessMemory.Find(pin.Id, $"{Pool.Directory}/askpass-"), Is.Not.Empty, "what is there is found");
        Assert.That(ProcessMemory.Find(pin.Id, Pin), Is.Empty);
    }

    [Test]
    public async Task Nothing_typed_is_a_refusal()
    {
        await using ChildProcess terminal = OnTerminal("pin --once");
        await TypeAsync(terminal, 1, "");
        Assert.That(await terminal.ExitAsync(), Is.EqualTo(1), terminal.Output);
        await Pool.WaitForLogAsync("refused to enter the PIN");
    }

    [TestCase("\u0003")]
    [TestCase("TERM")]
    [TestCase("HUP")]
    public async Task The_terminal_is_left_as_it_was(string end)
    {
        string modes = Path.Combine(Pool.Directory, "modes");
        // Ctrl-C is for everything on the terminal; the shell goes on.
        string script = $"trap : INT HUP; tty > {modes}.tty; stty -g > {modes}.before; "
            + $"sh -c 'echo $$ > {modes}.pid; exec {PoolProcess.Program} pin'; stty -g > {modes}.after; echo all done";
        await using ChildProcess terminal = Pool.StartProgram("script", ["-qec", script, "/dev/null"]);
        await terminal.WaitForAsync("PIN, or nothing to refuse: ");
        string device = (await File.ReadAllTextAsync(modes + ".tty")).Trim();
        (_, string silent) = await ChildProcess.RunAsync("stty", ["-F", device, "-a"]);
        Assert.That(silent, Does.Contain(" -echo ").And.Contains("susp = <undef>"));
        if (end.Length == 1)
        {
            await terminal.Input.WriteAsync(end);
            await terminal.Input.FlushAsync();
        }
        else
        {
            await ChildProcess.RunAsync("kill", [$"-{end}", (await File.ReadAllTextAsync(modes + ".pid")).Trim()]);
        }
        await terminal.WaitForAsync("all done");
        Assert.That(await File.ReadAllTextAsync(modes + ".after"), Is.EqualTo(await File.ReadAllTextAsync(modes + ".before")));
        // The question went back to the pool.
        await using var program = new PinProgram(Pool, _ => Pin);
        await Pool.WaitForLogAsync("is ready");
    }

    [Test]
    public async Task Commands_that_need_the_token_ask_for_its_PIN_themselves()
    {
        await using (ChildProcess terminal = OnTerminal("identity generate new.example --token pkcs11:token=one"))
        {
            await terminal.WaitForAsync("PIN of token \"one\"");
            await terminal.Input.WriteAsync(Pin + "\n");
            await terminal.Input.FlushAsync();
            Assert.That(await terminal.ExitAsync(), Is.Zero, terminal.Output);
            Assert.That(terminal.Output, Does.Contain("new.example: EcdsaP256 key pkcs11:").And.Not.Contains(Pin));
        }
        await using (ChildProcess terminal = OnTerminal("identity generate new.example --token pkcs11:token=one"))
        {
            await terminal.WaitForAsync("PIN of token \"one\"");
            await terminal.Input.WriteAsync("wrong-one\n");
            await terminal.Input.FlushAsync();
            Assert.That(await terminal.ExitAsync(), Is.EqualTo(1));
            Assert.That(terminal.Output, Does.Contain("CKR_PIN_INCORRECT").And.Not.Contains("wrong-one"));
        }
    }

    [Test]
    public async Task A_program_may_ask_instead()
    {
        string askpass = await AskPassAsync($"printf '%s\\n' \"$1\" >> {Pool.Directory}/questions; echo {Pin}; echo more");
        (int code, string output) = await Pool.TryAsync("pin", "--once", "--askpass", askpass);
        Assert.That(code, Is.Zero, output);
        Assert.That(
            await File.ReadAllTextAsync(Path.Combine(Pool.Directory, "questions")),
            Does.Match("^PIN of one, token \"one\" \\(SoftHSM project, SoftHSM v2, serial [0-9a-f]{16}\\), attempt 1\n$"));
        await Pool.WaitForLogAsync("is ready");
        Assert.That(output, Does.Not.Contain(Pin));
    }

    [Test]
    public async Task A_program_that_knows_only_a_wrong_PIN_is_stopped()
    {
        await using ChildProcess pin = Pool.Start(["pin", "--askpass", await AskPassAsync("echo nonsense")]);
        await pin.WaitForAsync("gave 3 wrong PINs");
        await Pool.WaitForLogAsync("refused to enter the PIN");
        Assert.That(Pool.Log.Split("a wrong PIN was entered").Length - 1, Is.EqualTo(3));
    }

    [Test]
    public async Task A_program_that_fails_or_is_not_there_gives_no_PIN()
    {
        // Its question goes back to the pool; a refusal would end it.
        (int code, string output) = await Pool.TryAsync("pin", "--once", "--askpass", "/nowhere/askpass");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("tlspool: --askpass /nowhere/askpass: "));
        (code, output) = await Pool.TryAsync("pin", "--once", "--askpass", await AskPassAsync($"echo {Pin}; exit 3"));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("ended with exit code 3: no PIN"));
        Assert.That(Pool.Log, Does.Not.Contain("is ready"));
    }

    [Test]
    public async Task Works_with_systemd_ask_password()
    {
        await using ChildProcess terminal = OnTerminal("pin --once --askpass systemd-ask-password");
        await terminal.WaitForAsync("PIN of one, token \"one\"");
        // It asks first, and stops the terminal's echo then.
        await Task.Delay(TimeSpan.FromSeconds(2));
        await terminal.Input.WriteAsync(Pin + "\n");
        await terminal.Input.FlushAsync();
        await Pool.WaitForLogAsync("is ready");
        Assert.That(await terminal.ExitAsync(), Is.Zero, terminal.Output);
        Assert.That(terminal.Output, Does.Not.Contain(Pin));
    }

    [Test]
    public async Task A_second_program_is_told_who_serves_PINs()
    {
        await using var program = new PinProgram(Pool, _ => Pin);
        await Pool.WaitForLogAsync("is ready");
        (int code, string output) = await Pool.TryAsync("pin", "--askpass", await AskPassAsync("echo"));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain($"another program serves PINs already: process {Environment.ProcessId} of uid 0"));
    }

    [Test]
    public async Task Waits_for_a_pool_that_restarts()
    {
        await using ChildProcess pin = Pool.Start(["pin", "--askpass", await AskPassAsync($"echo {Pin}")]);
        await Pool.WaitForLogAsync("is ready");
        await Pool.StopDaemonAsync("TERM");
        await pin.WaitForAsync("waiting for it");
        await Pool.StartDaemonAsync();
        await Pool.WaitForLogAsync("is ready");
        pin.Signal("TERM");
        Assert.That(await pin.ExitAsync(), Is.Zero, pin.Output);
    }

    [Test]
    public async Task Without_pool_or_terminal_it_says_so()
    {
        (int code, string output) = await Pool.TryAsync("pin", "--askpass", "true", "--socket", "/nowhere.sock");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.StartWith("tlspool: ").And.Contains("/nowhere.sock"));
        (code, output) = await ChildProcess.RunAsync("setsid", ["--wait", PoolProcess.Program, "pin"]);
        Assert.That((code, output.Trim()), Is.EqualTo((1, "tlspool: there is no terminal to ask on: use --askpass PROGRAM")));
        (code, output) = await Pool.TryAsync("pin", "--timeout", "4295");
        Assert.That((code, output.Trim()), Is.EqualTo((1, "tlspool: --timeout takes 1 to 4294")));
    }

    private async Task<string> AskPassAsync(string commands)
    {
        string file = Path.Combine(Pool.Directory, $"askpass-{Guid.NewGuid():n}");
        await File.WriteAllTextAsync(file, $"#!/bin/sh\n{commands}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    private ChildProcess OnTerminal(string arguments) =>
        Pool.StartProgram("script", ["-qec", $"exec {PoolProcess.Program} {arguments}", "/dev/null"]);

    /// <summary>Answers the question of that number.</summary>
    private static async Task TypeAsync(ChildProcess terminal, int question, string line)
    {
        await terminal.WaitForAsync(output => output.Split("PIN, or nothing to refuse: ").Length > question);
        await terminal.Input.WriteAsync(line + "\n");
        await terminal.Input.FlushAsync();
    }
}
