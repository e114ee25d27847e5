using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Documentation;

/// <summary>The unit files that are installed, and those on the pages, are understood by the service manager of this machine.</summary>
public sealed class UnitFileTests
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
}
