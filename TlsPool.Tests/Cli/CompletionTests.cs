using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Cli;

/// <summary><c>tlspool completion</c>, with the shells themselves.</summary>
[Parallelizable]
public sealed class CompletionTests
{
    private string _directory = "";

    [OneTimeSetUp]
    public async Task WriteScripts()
    {
        _directory = Directory.CreateTempSubdirectory("tlspool-completion-").FullName;
        foreach (string shell in new[] { "bash", "zsh", "fish" })
        {
            (int code, string script) = await ChildProcess.RunAsync(Installation.Program, ["completion", shell]);
            Assert.That(code, Is.Zero, script);
            await File.WriteAllTextAsync(Script(shell), script);
        }
    }

    [OneTimeTearDown]
    public void CleanUp() => Directory.Delete(_directory, recursive: true);

    [TestCase("tlspool ident", "identity")]
    [TestCase("tlspool identity gen", "generate")]
    [TestCase("tlspool identity generate --alg", "--algorithm")]
    [TestCase("tlspool tunnel --starttls post", "postgres")]
    [TestCase("tlspool completion f", "fish")]
    [TestCase("tlspool --conf", "--config")]
    public async Task Bash_completes(string line, string expected) => Assert.That(await BashAsync(line), Is.EqualTo(new[] { expected }));

    [Test]
    public async Task Bash_is_offered_all_verbs_and_nothing_that_is_hidden() =>
        Assert.That(await BashAsync("tlspool "), Is.SupersetOf(new[] { "identity", "tunnel", "backup", "restore" }).And.No.Member("manual"));

    [Test]
    public async Task Bash_completes_what_is_before_the_cursor() =>
        Assert.That(await BashAsync("tlspool ident --json", "tlspool ident".Length), Is.EqualTo(new[] { "identity" }));

    [Test]
    public async Task Where_there_is_nothing_to_say_bash_is_left_to_its_files() =>
        Assert.That(await BashAsync("tlspool trust add /etc/host"), Is.Empty);

    [TestCase("tlspool ident", "identity")]
    [TestCase("tlspool tunnel --starttls post", "postgres")]
    public async Task Fish_completes(string line, string expected)
    {
        (int code, string output) = await ShellAsync("fish", "-c", $"source {Script("fish")}; complete --do-complete '{line}'");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Is.EqualTo($"{expected}\n"));
    }

    [TestCase("tlspool ident", "identity")]
    [TestCase("tlspool tunnel --starttls post", "postgres")]
    public async Task Zsh_completes(string line, string expected)
    {
        // Completion works in its line editor only, so it gets a terminal, and the key that completes.
        string start = Path.Combine(_directory, "zpty");
        await File.WriteAllTextAsync(start, $"""
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'autoload -Uz compinit && compinit -D -u && source {Script("zsh")} && PROMPT=ready; stty -echo; print loaded'
            zpty -r -m shell reply '*loaded*ready*'
            zpty -w -n shell $'{line}\t'
            zpty -r -m shell reply '*{expected}*' && print "completed: $reply"
            zpty -d shell
            """);
        (int code, string output) = await ShellAsync("zsh", "-f", start);
        Assert.That(output, Does.Contain("completed: ").And.Contains(expected));
        Assert.That(code, Is.Zero, output);
    }

    private async Task<string[]> BashAsync(string line, int? cursor = null)
    {
        int at = cursor ?? line.Length;
        string word = line[..at].Split(' ')[^1];
        (int code, string output) = await ShellAsync(
            "bash", "--norc", "-c", $"source {Script("bash")}; COMP_LINE='{line}' COMP_POINT={at}; _tlspool tlspool '{word}' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\"");
        Assert.That(code, Is.Zero, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Runs a shell that finds the program that is tested.</summary>
    private static Task<(int ExitCode, string Output)> ShellAsync(string shell, params string[] arguments) => ChildProcess.RunAsync(
        shell, arguments, new Dictionary<string, string> { ["PATH"] = $"{Path.GetDirectoryName(Installation.Program)}:{Environment.GetEnvironmentVariable("PATH")}", ["TERM"] = "xterm" });

    private string Script(string shell) => Path.Combine(_directory, $"tlspool.{shell}");
}
