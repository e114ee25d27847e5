using System.CommandLine;
using NUnit.Framework;
using TlsPool.Actors.Configuration;
using TlsPool.Cli;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Cli;

/// <summary>The manual pages, as <c>man</c> shows them.</summary>
[Parallelizable]
public sealed class ManualTests
{
    private readonly Dictionary<string, string> _shown = [];
    private string _directory = "";

    [OneTimeSetUp]
    public async Task WritePages()
    {
        _directory = Directory.CreateTempSubdirectory("tlspool-manual-").FullName;
        (int code, string output) = await ChildProcess.RunAsync(Installation.Program, ["manual", _directory]);
        Assert.That(code, Is.Zero, output);
        foreach (string page in Directory.GetFiles(_directory))
        {
            (code, output) = await ChildProcess.RunAsync(
                "man", ["-l", "--no-hyphenation", "--no-justification", "-P", "cat", page], new Dictionary<string, string> { ["MANWIDTH"] = "1000", ["MAN_KEEP_FORMATTING"] = "" });
            Assert.That(code, Is.Zero, output);
            _shown.Add(Path.GetFileName(page), output);
        }
    }

    [OneTimeTearDown]
    public void CleanUp() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Each_verb_has_a_page() => Assert.That(
        _shown.Keys,
        Is.EquivalentTo(Verbs(CommandTree.Create()).Select(verb => $"tlspool-{verb.Name}.8").Append("tlspool.8").Append("tlspool.conf.5")));

    [Test]
    public async Task Pages_are_shown_without_a_warning()
    {
        foreach (string page in Directory.GetFiles(_directory))
        {
            (int code, string output) = await ChildProcess.RunAsync(
                "sh", ["-c", "man --warnings -E UTF-8 -l -Tutf8 -Z \"$1\" >/dev/null", "sh", page], new Dictionary<string, string> { ["MANWIDTH"] = "80", ["LC_ALL"] = "C.UTF-8" });
            Assert.That(output, Is.Empty, page);
            Assert.That(code, Is.Zero, page);
        }
    }

    [Test]
    public async Task Pages_are_found_by_their_names()
    {
        foreach (string page in Directory.GetFiles(_directory))
        {
            (int code, string output) = await ChildProcess.RunAsync("lexgrog", [page]);
            Assert.That(code, Is.Zero, output);
            Assert.That(output, Does.Contain($"{Path.GetFileNameWithoutExtension(page)} - "));
        }
    }

    [Test]
    public void Pages_have_every_option_and_argument_that_help_has() => Assert.Multiple(() =>
    {
        RootCommand root = CommandTree.Create();
        Expect(root, _shown["tlspool.8"]);
        foreach (Command verb in Verbs(root))
            foreach (Command command in All(verb))
                Expect(command, _shown[$"tlspool-{verb.Name}.8"]);
    });

    [Test]
    public void The_page_of_the_configuration_has_every_keyword() =>
        Assert.That(ConfigurationBuilder.Keywords.Where(keyword => !_shown["tlspool.conf.5"].Contains(keyword, StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void No_markup_of_the_documentation_is_left() => Assert.Multiple(() =>
    {
        foreach (string page in new[] { "tlspool.conf.5", "tlspool-tunnel.8" })
            Assert.That(_shown[page], Does.Not.Contain("](").And.Not.Contain("```").And.Not.Contain("**").And.Not.Contain("|---"));
    });

    [TestCase("tlspool.8", "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "EXIT STATUS", "FILES", "SEE ALSO")]
    [TestCase("tlspool-identity.8", "NAME", "SYNOPSIS", "COMMANDS", "EXIT STATUS", "FILES", "SEE ALSO")]
    [TestCase("tlspool-tunnel.8", "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "FILES", "SEE ALSO")]
    [TestCase("tlspool.conf.5", "NAME", "DESCRIPTION", "THE FILE", "KEYWORDS", "SEE ALSO")]
    public void Pages_have_the_usual_sections(string page, params string[] sections) =>
        Assert.That(_shown[page].Split('\n').Where(sections.Contains), Is.EqualTo(sections));

    private static IEnumerable<Command> Verbs(Command command) => command.Subcommands.Where(verb => !verb.Hidden);

    private static IEnumerable<Command> All(Command command) => Verbs(command).SelectMany(All).Prepend(command);

    private static void Expect(Command command, string page)
    {
        foreach (Option option in command.Options.Where(option => !option.Hidden))
            Assert.That(page, Does.Contain(option.Name), $"{command.Name}");
        foreach (Argument argument in command.Arguments.Where(argument => !argument.Hidden))
            Assert.That(page, Does.Contain(argument.Description), $"{command.Name} {argument.Name}");
        Assert.That(page, Does.Contain(command.Description!.Trim()), command.Name);
    }
}
