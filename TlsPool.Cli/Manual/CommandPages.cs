using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Management;

namespace TlsPool.Cli.Manual;

/// <summary>The manual pages of the program and of each of its verbs, from the same tree as <c>--help</c>.</summary>
internal sealed class CommandPages(RootCommand root, BuildFacts build)
{
    private const string Program = "tlspool";
    private const int Section = 8;

    // Verbs whose page of the documentation belongs into the manual.
    private static readonly string[] EmbeddedPages = ["tunnel"];

    /// <summary>All pages of section 8.</summary>
    internal IEnumerable<RoffPage> All() => CommandSyntax.Verbs(root).Select(Verb).Prepend(Daemon());

    private static string PageOf(Command verb) => $"{Program}-{verb.Name}";

    private RoffPage Daemon()
    {
        var page = new RoffPage(Program, Section, build);
        page.Heading("Name").Text($"{Program} \\- one daemon that holds every TLS key and every TLS decision of a host");
        page.Heading("Synopsis").Text(CommandSyntax.Of(root, Program)).Break().Text($"{RoffText.Bold(Program)} {RoffText.Italic("verb")} ...");
        page.Heading("Description").Text(RoffText.Plain(root.Description ?? ""));
        page.Paragraph("An application passes its TCP connection to the daemon's UNIX socket, and gets one back that carries plain text. The daemon "
            + "runs the handshake with keys that stay in a PKCS #11 token or in its encrypted store, judges the other side, and says who is there.");
        page.Heading("Commands");
        foreach (Command verb in CommandSyntax.Verbs(root))
            page.Tagged(RoffText.Reference(PageOf(verb), Section), RoffText.Plain(verb.Description ?? ""));
        page.Heading("Options");
        CommandSyntax.Describe(page, root);
        page.Heading("Signals")
            .Tagged("SIGHUP", "reads the configuration again")
            .Tagged("SIGTERM, SIGINT", "gives running sessions drain_timeout seconds to end, and ends; a second signal cuts that short");
        page.Heading("Environment")
            .Tagged(RoffText.Bold(ConfigurationReader.PathVariable), "the configuration file")
            .Tagged(RoffText.Bold("TLSPOOL_") + RoffText.Italic("KEYWORD"), "replaces what the configuration says for that keyword");
        ExitStatus(page).Tagged(PoolDaemon.FailedExitCode.ToString(CultureInfo.InvariantCulture), "a vital part of the daemon failed while it ran");
        Files(page).Tagged("/run/tlspool/tlspool.sock", "the socket that applications connect to, as the sample configuration has it");
        return SeeAlso(page, ["tlspool.conf(5)", .. CommandSyntax.Verbs(root).Select(verb => $"{PageOf(verb)}({Section})")]);
    }

    private RoffPage Verb(Command verb)
    {
        var page = new RoffPage(PageOf(verb), Section, build);
        page.Heading("Name").Text($"{RoffText.Plain(page.Name)} \\- {RoffText.Plain(verb.Description ?? "")}");
        (Command Command, string Words)[] commands = [.. Leaves(verb, $"{Program} {verb.Name}")];
        page.Heading("Synopsis");
        foreach ((Command command, string words) in commands)
            page.Text(CommandSyntax.Of(command, words)).Break();
        string[] prose = Array.Exists(EmbeddedPages, name => name == verb.Name) ? MarkdownSource.Parts(EmbeddedText.Read($"{verb.Name}.md")) : [];
        if (prose.Length > 0)
            MarkdownSource.AddTo(page.Heading("Description"), prose[0]);
        if (CommandSyntax.Verbs(verb).Any())
        {
            page.Heading("Commands");
            foreach ((Command command, string words) in commands)
            {
                page.SubHeading(words).Text(RoffText.Plain(command.Description ?? ""));
                CommandSyntax.Describe(page, command);
            }
        }
        else if (verb.Arguments.Count + verb.Options.Count > 0)
        {
            page.Heading("Options");
            CommandSyntax.Describe(page, verb);
        }
        foreach (string part in prose.Skip(1))
            MarkdownSource.AddTo(page, part);
        Files(ExitStatus(page));
        return SeeAlso(page, ["tlspool(8)", "tlspool.conf(5)"]);
    }

    private static IEnumerable<(Command Command, string Words)> Leaves(Command command, string words)
    {
        Command[] verbs = [.. CommandSyntax.Verbs(command)];
        return verbs.Length == 0 ? [(command, words)] : verbs.SelectMany(verb => Leaves(verb, $"{words} {verb.Name}"));
    }

    private static RoffPage ExitStatus(RoffPage page) => page.Heading("Exit status")
        .Tagged("0", "it was done")
        .Tagged("1", "it could not be done, or not be understood; standard error says why");

    private static RoffPage Files(RoffPage page) => page.Heading("Files")
        .Tagged(ConfigurationReader.DefaultPath, "the configuration")
        .Tagged("/var/lib/tlspool", "databases of identities, trust, encrypted keys and decisions");

    private static RoffPage SeeAlso(RoffPage page, IEnumerable<string> pages) => page.Heading("See also")
        .Text(string.Join(", ", pages.Where(other => other != $"{page.Name}({page.Section})").Select(Bold)))
        .Paragraph(RoffText.Plain("All pages of the documentation are in /usr/share/doc/tlspool."));

    private static string Bold(string page) => RoffText.Reference(page[..page.IndexOf('(', StringComparison.Ordinal)], page[^2] - '0');
}
