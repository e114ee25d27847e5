using System.CommandLine;
using NUnit.Framework;
using TlsPool.Actors.Management;
using TlsPool.Cli;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Cli;

/// <summary><c>tlspool --version</c>: what people are asked to report.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class VersionTests
{
    [Test]
    public async Task The_program_says_which_build_it_is()
    {
        (int code, string output) = await ChildProcess.RunAsync(Installation.Program, ["--version"]);
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Match(@"^tlspool [0-9]+\.[0-9]+\.[0-9]+ \((build [0-9a-f]{7}, [0-9]{4}-[0-9]{2}-[0-9]{2}, )?[a-z0-9.]+-[a-z0-9]+, \.NET 10\.[^)]+\)\n$"));
    }

    [TestCase("0.1.0+3f2a9c1d5e6f", "2026-11-30", "0.1.0", "3f2a9c1", "2026-11-30")]
    [TestCase("0.1.0+3f2", "2026-11-30", "0.1.0", "3f2", "2026-11-30")]
    [TestCase("0.1.0", "2026-11-30", "0.1.0", "", "")]
    [TestCase("0.1.0+3f2a9c1d5e6f", "", "0.1.0", "3f2a9c1", "")]
    public void What_is_known_is_said(string informational, string date, string version, string commit, string day) =>
        Assert.That(BuildFacts.Parse(informational, date), Is.EqualTo(new BuildFacts(version, commit, day)));

    [Test]
    public void Without_git_neither_commit_nor_date_is_said() =>
        Assert.That(BuildFacts.Parse("0.1.0", "2026-11-30").ToString(), Does.Match(@"^tlspool 0\.1\.0 \([a-z0-9.]+-[a-z0-9]+, \.NET [^,]+\)$"));

    [Test]
    public void No_command_has_a_version_of_its_own() =>
        Assert.That(CommandTree.Create().Parse(["ping", "--version"]).Errors, Is.Not.Empty);
}
