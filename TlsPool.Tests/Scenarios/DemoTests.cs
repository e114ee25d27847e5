using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>tlspool demo</c>: it has to work at the first try, and to leave nothing behind.</summary>
[Parallelizable]
public sealed partial class DemoTests
{
    private string _temporary = "";

    [SetUp]
    public void Make() => _temporary = Directory.CreateTempSubdirectory("tlspool-demo-test-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_temporary, recursive: true);

    [Test]
    public async Task A_page_goes_through_and_nothing_is_left()
    {
        (int code, string output) = await ChildProcess.RunAsync(PoolProcess.Program, ["demo"], Environment);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("crossed the network under TLS 1.3").And.Contains("remote 'demo.example'").And.Not.Contains("openssl s_client"));
        ExpectNothingLeft(output);
    }

    [TestCase("TERM")]
    [TestCase("HUP")]
    public async Task The_user_may_try_it_himself_and_a_signal_cleans_up(string signal)
    {
        await using ChildProcess demo = ChildProcess.Start(PoolProcess.Program, ["demo", "--wait"], Environment);
        string output = await demo.WaitForAsync("Press Ctrl-C to end.");
        (_, string page) = await ChildProcess.RunAsync("sh", ["-c", OpensslCommand().Match(output).Value]);
        Assert.That(page, Does.Contain("This page left its server in the clear").And.Contains("Verification: OK"));
        await demo.WaitForAsync(text => text.Split("\"event\":\"established\"").Length > 1);
        demo.Signal(signal);
        Assert.That(await demo.ExitAsync(), Is.Zero, demo.Output);
        ExpectNothingLeft(demo.Output);
    }

    [TestCase("\n")]
    [TestCase("\u0003")]
    public async Task A_key_on_the_terminal_ends_it(string key)
    {
        // script(1) gives it a terminal, on which Ctrl-C is a signal to all of its processes: also to the shell, were there one still.
        // Whoever started these tests in the background may have had it ignored.
        await using ChildProcess demo = ChildProcess.Start("script", ["-qec", $"exec env --default-signal=INT {PoolProcess.Program} demo", "/dev/null"], Environment);
        await demo.WaitForAsync("Press Enter to end.");
        await demo.Input.WriteAsync(key);
        await demo.Input.FlushAsync();
        Assert.That(await demo.ExitAsync(), Is.Zero, demo.Output);
        ExpectNothingLeft(demo.Output);
    }

    [Test]
    public async Task A_demo_that_cannot_start_cleans_up_as_well()
    {
        // Its sockets do not fit under a directory with such a name.
        string temporary = Path.Combine(_temporary, new string('x', 100));
        Directory.CreateDirectory(temporary);
        (int code, string output) = await ChildProcess.RunAsync(
            PoolProcess.Program, ["demo"], new Dictionary<string, string> { ["TMPDIR"] = temporary });
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("tlspool: the demo's pool failed").And.Not.Contains("   at "));
        Assert.That(Directory.GetFileSystemEntries(temporary), Is.Empty);
    }

    private Dictionary<string, string> Environment => new() { ["TMPDIR"] = _temporary };

    private void ExpectNothingLeft(string output)
    {
        Assert.That(Directory.GetFileSystemEntries(_temporary, "tlspool-demo-*"), Is.Empty);
        Assert.That(output, Does.Contain("is gone again."));
        // What it started has its directory in environment or arguments.
        IEnumerable<string> left = Directory.GetDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Where(process => Read($"{process}/environ").Contains($"TLSPOOL_CONFIG_FILE={_temporary}", StringComparison.Ordinal));
        Assert.That(left, Is.Empty);
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [GeneratedRegex("printf .*openssl s_client .*")]
    private static partial Regex OpensslCommand();
}
