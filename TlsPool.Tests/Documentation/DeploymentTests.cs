using System.Collections;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Storage.Backups;
using TlsPool.Cli;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Documentation;

/// <summary>What is in <c>deploy</c> beside the units: examples and containers.</summary>
[Parallelizable]
public sealed partial class DeploymentTests
{
    private static readonly string Deploy = Path.Combine(DocumentationPage.Root, "deploy");

    [Test]
    public void The_nodes_of_the_example_are_one_cluster()
    {
        ClusterConfiguration[] nodes = [.. Directory.GetFiles(Path.Combine(Deploy, "cluster-example"), "*.conf").Order(StringComparer.Ordinal)
            .Select(file => Parse(File.ReadAllBytes(file), file).Cluster!)];
        Assert.That(nodes.Select(node => node.Address), Is.EquivalentTo(nodes[0].Members));
        Assert.That(nodes.Select(node => string.Join(',', node.Members)).Distinct(), Has.One.Items);
    }

    [Test]
    public void The_configuration_for_Kubernetes_is_good_and_its_probes_ask_where_it_listens()
    {
        string text = File.ReadAllText(Path.Combine(Deploy, "kubernetes.yaml"));
        string lines = BlockOfLines().Match(text).Groups["lines"].Value;
        PoolConfiguration configuration = Parse(Encoding.UTF8.GetBytes(Indentation().Replace(lines, "")), "kubernetes.yaml");
        string[][] probes = [.. Probe().Matches(text).Select(match => Words().Matches(match.Value).Select(word => word.Groups["word"].Value).ToArray())];
        Assert.That(probes, Has.Length.EqualTo(3));
        foreach (string[] probe in probes)
        {
            Assert.That(CommandTree.Create().Parse(probe[1..]).Errors, Is.Empty);
            Assert.That(probe[^1], Is.EqualTo(configuration.Sockets.Single().Path));
        }
    }

    [Test]
    public async Task The_manifest_for_Kubernetes_is_well_formed()
    {
        (int code, string output) = await ChildProcess.RunAsync(
            "/usr/bin/python3", ["-c", "import sys, yaml; print(*[part['kind'] for part in yaml.safe_load_all(open(sys.argv[1]))])", Path.Combine(Deploy, "kubernetes.yaml")]);
        Assert.That(output, Is.EqualTo("Namespace ConfigMap DaemonSet\n"));
        Assert.That(code, Is.Zero);
    }

    [Test]
    public void Commands_of_the_container_and_the_example_are_understood()
    {
        string container = File.ReadAllText(Path.Combine(Deploy, "Containerfile"));
        string[] check = [.. Words().Matches(HealthCheck().Match(container).Value).Select(match => match.Groups["word"].Value)];
        Assert.That(check, Has.Length.GreaterThan(2));
        string page = File.ReadAllText(Path.Combine(Deploy, "cluster-example", "README.md"));
        string[][] commands = [check[1..], .. ShellBlock.CommandsOf(page, "tlspool")];
        Assert.That(commands, Has.Length.EqualTo(5));
        Assert.That(commands.SelectMany(command => CommandTree.Create().Parse(command).Errors).Select(error => error.Message), Is.Empty);
    }

    [Test]
    public void Tunnels_of_the_page_are_understood()
    {
        string[] words = TunnelLine().Match(DocumentationPage.Of("docs/packaging.md").Text).Groups["words"].Value.Split(' ');
        Assert.That(CommandTree.Create().Parse(["tunnel", .. words]).Errors, Is.Empty);
    }

    [Test]
    public void The_page_of_upgrades_has_the_schemas_of_this_version() => Assert.Multiple(() =>
    {
        string page = DocumentationPage.Of("docs/upgrade.md").Text;
        foreach (DatabaseKind kind in DatabaseKind.All)
            Assert.That(page, Does.Contain($"| `{kind.Name}` | {kind.Schema.Count} |"));
    });

    private static PoolConfiguration Parse(byte[] content, string name)
    {
        PoolConfiguration configuration = ConfigurationReader.Parse(content, name, new Hashtable(), out IReadOnlyList<string> warnings);
        Assert.That(warnings, Is.Empty);
        return configuration;
    }

    [GeneratedRegex(@"tlspool\.conf: \|\n(?<lines>(    .*\n)+)")]
    private static partial Regex BlockOfLines();

    [GeneratedRegex("^    ", RegexOptions.Multiline)]
    private static partial Regex Indentation();

    [GeneratedRegex("command: \\[\"tlspool\".*\\]")]
    private static partial Regex Probe();

    [GeneratedRegex("CMD \\[.*\\]")]
    private static partial Regex HealthCheck();

    [GeneratedRegex("\"(?<word>[^\"]*)\"")]
    private static partial Regex Words();

    [GeneratedRegex("TUNNEL=\"(?<words>[^\"]+)\"")]
    private static partial Regex TunnelLine();
}
