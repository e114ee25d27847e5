using System.Text.RegularExpressions;

namespace TlsPool.Tests.Documentation;

/// <summary>A Markdown page of the repository, taken apart as far as tests ask.</summary>
internal sealed partial class DocumentationPage
{
    private readonly string _path;
    private readonly string _text;

    private DocumentationPage(string path)
    {
        _path = path;
        _text = File.ReadAllText(path);
        Blocks = [.. Fence().Matches(_text).Select(match => (match.Groups["language"].Value, match.Groups["content"].Value))];
        string prose = Fence().Replace(_text, "");
        Anchors = [.. Heading().Matches(prose).Select(match => Slug(match.Groups["text"].Value))];
        Links = [.. Link().Matches(prose).Select(match => match.Groups["target"].Value)];
    }

    /// <summary>Its name from the top of the repository.</summary>
    internal string Name => Path.GetRelativePath(Root, _path);

    internal string Text => _text;

    /// <summary>Fenced blocks with their language.</summary>
    internal IReadOnlyList<(string Language, string Content)> Blocks { get; }

    /// <summary>What a link may say behind <c>#</c>.</summary>
    internal IReadOnlyList<string> Anchors { get; }

    internal IReadOnlyList<string> Links { get; }

    /// <summary>Top of the repository that these tests were built in.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>README.md and everything in docs.</summary>
    internal static IReadOnlyList<DocumentationPage> All { get; } =
    [
        new(Path.Combine(Root, "README.md")),
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => new DocumentationPage(path)),
    ];

    internal static DocumentationPage Of(string name) => All.Single(page => page.Name == name);

    /// <summary>True if a link from this page leads somewhere. Links to other sites are not followed.</summary>
    internal bool Resolves(string link)
    {
        if (link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal))
            return true;
        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? _path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(_path)!, parts[0]));
        if (!File.Exists(target) && !Directory.Exists(target))
            return false;
        return parts.Length == 1 || new DocumentationPage(target).Anchors.Contains(parts[1]);
    }

    public override string ToString() => Name;

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "TlsPool.slnx")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("these tests run inside the repository");
    }

    /// <summary>The anchor of a heading, as web views of repositories make it.</summary>
    private static string Slug(string heading) =>
        NotInAnchors().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"^```(?<language>[a-z]*)[^\n]*\n(?<content>.*?)^```\s*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?<target>[^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{Nd}\- _]")]
    private static partial Regex NotInAnchors();
}
