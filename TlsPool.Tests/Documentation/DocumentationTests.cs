using System.Collections;
using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using TlsPool.Actors.Configuration;
using TlsPool.Cli;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Documentation;

/// <summary>What the pages say is what the program has.</summary>
[Parallelizable]
public sealed partial class DocumentationTests
{
    private static readonly string[] Scripts = ["sh", "console"];

    private static readonly string SampleConfiguration =
        File.ReadAllText(Path.Combine(DocumentationPage.Root, "deploy", "tlspool.conf"));

    private static IEnumerable<string> Keywords => ConfigurationBuilder.Keywords;

    [Test]
    public void Every_relative_link_leads_somewhere() =>
        Assert.That(
            DocumentationPage.All.SelectMany(page => page.Links.Where(link => !page.Resolves(link)).Select(link => $"{page}: {link}")), Is.Empty);

    [Test]
    public void Every_keyword_is_on_the_configuration_page() =>
        Assert.That(Keywords.Where(keyword => !DocumentationPage.Of("docs/configuration.md").Text.Contains($"`{keyword}`", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Every_keyword_is_in_the_sample_that_is_installed() =>
        Assert.That(Keywords.Where(keyword => !Regex.IsMatch(SampleConfiguration, $"^#?{keyword} ", RegexOptions.Multiline)), Is.Empty);

    [Test]
    public void The_sample_is_good_with_every_keyword_switched_on()
    {
        string all = CommentedKeyword().Replace(SampleConfiguration, "$1");
        ConfigurationReader.Parse(Encoding.UTF8.GetBytes(all), "sample", new Hashtable(), out IReadOnlyList<string> warnings);
        Assert.That(warnings.Where(warning => warning.Contains("unknown", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Every_configuration_on_a_page_is_good() => Assert.Multiple(() =>
    {
        foreach ((string page, string content) in Blocks("conf"))
        {
            ConfigurationReader.Parse(Encoding.UTF8.GetBytes(content), page, new Hashtable(), out IReadOnlyList<string> warnings);
            Assert.That(warnings.Where(warning => warning.Contains("unknown", StringComparison.Ordinal)), Is.Empty);
        }
    });

    [Test]
    public void Every_command_on_a_page_is_understood()
    {
        RootCommand tree = CommandTree.Create();
        var commands = Scripts.SelectMany(Blocks)
            .Select(block => (block.Page, Script: block.Content))
            .Concat(Blocks("ini").Select(block => (block.Page, Script: block.Content.Replace("ExecStart=", "", StringComparison.Ordinal))))
            .SelectMany(block => ShellBlock.CommandsOf(block.Script, "tlspool").Select(arguments => (block.Page, Arguments: arguments)))
            .ToList();
        Assert.That(commands, Has.Count.GreaterThan(20), "the pages have many commands: are they still recognised?");
        Assert.That(
            commands.Select(command => (command, tree.Parse(command.Arguments).Errors))
                .Where(checkedOne => checkedOne.Errors.Count > 0)
                .Select(wrong => $"{wrong.command.Page}: tlspool {string.Join(' ', wrong.command.Arguments)}: {wrong.Errors[0].Message}"),
            Is.Empty);
    }

    [Test]
    public void Every_build_target_on_a_page_exists()
    {
        string build = File.ReadAllText(Path.Combine(DocumentationPage.Root, "build.cake"));
        var named = DocumentationPage.All.SelectMany(page => Target().Matches(page.Text).Select(match => match.Groups["name"].Value)).Distinct().ToList();
        Assert.That(named, Is.Not.Empty);
        Assert.That(named.Where(name => !build.Contains($"Task(\"{name}\")", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Every_error_that_an_application_may_see_is_in_the_troubleshooting_table()
    {
        string page = DocumentationPage.Of("docs/operation.md").Text;
        Assert.That(
            Enum.GetValues<PoolError>().Where(error => error != PoolError.None && !page.Contains($"`{(int)error}`", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task The_C_program_on_the_page_fetches_a_page()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await pool.IdentityAsync("page.example");
        string source = Path.Combine(pool.Directory, "fetch.c"), program = Path.Combine(pool.Directory, "fetch");
        await File.WriteAllTextAsync(source, Blocks("c").Single().Content);
        (int compiled, string complaints) = await ChildProcess.RunAsync("gcc", ["-Wall", "-Wextra", "-Werror", "-o", program, source]);
        Assert.That(compiled, Is.Zero, complaints);
        using Backend backend = Backend.Http("from the page");
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", backend.Address, "--local-id", "page.example");
        string port = tunnel.Address.Split(':')[1];

        (int code, string output) = await ChildProcess.RunAsync(program, [pool.SocketPath, "127.0.0.1", port, "page.example"]);
        Assert.That(output, Does.Contain("this is page.example").And.Contains("from the page"));
        Assert.That(code, Is.Zero);

        (code, output) = await ChildProcess.RunAsync(program, [pool.SocketPath, "127.0.0.1", port, "other.example"]);
        Assert.That(output, Does.Contain($"{(int)PoolError.StirredNotShaken}: the peer proves to be page.example, not other.example"));
        Assert.That(code, Is.EqualTo(1));
    }

    private static IEnumerable<(string Page, string Content)> Blocks(string language) =>
        DocumentationPage.All.SelectMany(page => page.Blocks.Where(block => block.Language == language).Select(block => (page.Name, block.Content)));

    [GeneratedRegex(@"^#([a-z0-9_]+ \S.*)$", RegexOptions.Multiline)]
    private static partial Regex CommentedKeyword();

    [GeneratedRegex(@"--target=(?<name>[A-Za-z]+)")]
    private static partial Regex Target();
}
