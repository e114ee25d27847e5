using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Documentation;

/// <summary>The unit files that are installed, and those on the pages, are understood by the service manager of this machine.</summary>
[Parallelizable]
public sealed partial class UnitFileTests
{
    private string _directory = "";

    [SetUp]
    public void Prepare() => _directory = Directory.CreateTempSubdirectory("tlspool-units-").FullName;

    [TearDown]
    public void CleanUp() => Directory.Delete(_directory, recursive: true);

    [Test]
    public Task Installed_units_are_understood() => VerifyAsync(
        Directory.GetFiles(Path.Combine(DocumentationPage.Root, "deploy"))
            .Where(file => Path.GetExtension(file) is ".service" or ".socket")
            .Select(file => (Path.GetFileName(file), File.ReadAllText(file))));

    [Test]
    public Task Units_on_pages_are_understood() => VerifyAsync(
        DocumentationPage.All.SelectMany(page => page.Blocks)
            .Where(block => block.Language == "ini" && block.Content.Contains("ExecStart=", StringComparison.Ordinal))
            .Select((block, index) => ($"page{index}.service", block.Content)));

    [Test]
    public async Task Services_are_closed_off_as_the_page_says()
    {
        (string Unit, double Exposure)[] stated = [.. Exposure().Matches(DocumentationPage.Of("docs/packaging.md").Text)
            .Select(match => (match.Groups["unit"].Value, double.Parse(match.Groups["exposure"].Value, CultureInfo.InvariantCulture)))];
        string deploy = Path.Combine(DocumentationPage.Root, "deploy");
        Assert.That(stated.Select(one => one.Unit), Is.EquivalentTo(Directory.GetFiles(deploy, "*.service").Select(Path.GetFileName)));
        foreach ((string unit, double exposure) in stated)
        {
            // It wants a threshold in whole numbers, ten times what it prints.
            string threshold = Math.Round(exposure * 10).ToString(CultureInfo.InvariantCulture);
            (int code, string output) = await ChildProcess.RunAsync(
                "systemd-analyze", ["security", "--offline=true", "--no-pager", $"--threshold={threshold}", Path.Combine(deploy, unit)]);
            Assert.That(code, Is.Zero, output);
            Assert.That(output, Does.Contain("Overall exposure level"));
        }
    }

    [Test]
    public async Task Services_work_with_the_system_calls_that_their_units_leave()
    {
        await using PoolProcess first = await PoolProcess.StartAsync();
        string authority = await first.IdentityAsync("a.example");
        await first.StopDaemonAsync("TERM");
        await using ChildProcess daemon = first.StartProgram("/usr/bin/python3", [Filter, Unit("tlspool.service"), Installation.Program, "-f"]);
        await daemon.WaitForAsync("Hosting started");
        using Backend backend = Backend.Http("filtered");
        await using ChildProcess tunnel = first.StartProgram(
            "/usr/bin/python3",
            [Filter, Unit("tlspool-tunnel@.service"), Installation.Program, "tunnel", "--server", "--listen", "127.0.0.1:0", "--connect", backend.Address, "--local-id", "a.example"]);
        string port = Listening().Match(await tunnel.WaitForAsync(output => Listening().IsMatch(output))).Groups["port"].Value;
        (int code, string page) = await ChildProcess.RunAsync("curl", ["-sS", "--cacert", authority, "--resolve", $"a.example:{port}:127.0.0.1", $"https://a.example:{port}/"]);
        Assert.That(page, Is.EqualTo("filtered"));
        Assert.That(code, Is.Zero);
        Assert.That(await File.ReadAllTextAsync($"/proc/{daemon.Id}/status"), Does.Match(@"Seccomp:\t2"));
        daemon.Signal("TERM");
        Assert.That(await daemon.ExitAsync(), Is.Zero);
    }

    private static string Filter => Path.Combine(AppContext.BaseDirectory, "Processes", "SystemCallFilter.py");

    private static string Unit(string name) => Path.Combine(DocumentationPage.Root, "deploy", name);

    private async Task VerifyAsync(IEnumerable<(string Name, string Content)> units)
    {
        List<string> files = [];
        foreach ((string name, string content) in units)
        {
            string file = Path.Combine(_directory, name);
            // The program is not installed where tests run.
            await File.WriteAllTextAsync(file, content
                .Replace("/usr/bin/tlspool", "/bin/true", StringComparison.Ordinal)
                .Replace("Wants=network-online.target tlspool.service", "Wants=network-online.target", StringComparison.Ordinal));
            files.Add(file);
        }
        Assert.That(files, Is.Not.Empty);
        (int code, string output) = await ChildProcess.RunAsync("systemd-analyze", ["verify", "--man=no", .. files]);
        Assert.That(output, Is.Empty);
        Assert.That(code, Is.Zero);
    }

    [GeneratedRegex(@"server tunnel: 127\.0\.0\.1:(?<port>[0-9]+) ")]
    private static partial Regex Listening();

    [GeneratedRegex(@"^\| `(?<unit>[^`]+\.service)` \| (?<exposure>[0-9.]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Exposure();
}
