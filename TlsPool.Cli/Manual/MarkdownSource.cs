using System.Text.RegularExpressions;

namespace TlsPool.Cli.Manual;

/// <summary>Puts a page of the documentation into a manual page: as much of Markdown as these pages use.</summary>
internal static partial class MarkdownSource
{
    /// <summary>Adds all of a page but its title.</summary>
    /// <param name="page">The manual page.</param>
    /// <param name="markdown">The text.</param>
    internal static void AddTo(RoffPage page, string markdown)
    {
        string[] lines = markdown.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length;)
            i = lines[i] switch
            {
                "" => i + 1,
                ['#', ..] => Heading(page, lines, i),
                ['`', '`', '`', ..] => Fence(page, lines, i),
                ['|', ..] => Table(page, lines, i),
                _ => Prose(page, lines, i),
            };
    }

    /// <summary>What a page begins with, and its sections.</summary>
    internal static string[] Parts(string markdown) => SectionStart().Split(markdown);

    private static int Heading(RoffPage page, string[] lines, int at)
    {
        string text = lines[at].TrimStart('#').Trim();
        switch (lines[at].Length - lines[at].TrimStart('#').Length)
        {
            case 1:
                break;
            case 2:
                page.Heading(text);
                break;
            default:
                page.SubHeading(text);
                break;
        }
        return at + 1;
    }

    private static int Fence(RoffPage page, string[] lines, int at)
    {
        int end = Array.IndexOf(lines, "```", at + 1);
        page.Example(string.Join('\n', lines[(at + 1)..end]));
        return end + 1;
    }

    private static int Table(RoffPage page, string[] lines, int at)
    {
        string[] header = Cells(lines[at]);
        int row = at + 2;
        for (; row < lines.Length && lines[row].StartsWith('|'); row++)
        {
            string[] cells = Cells(lines[row]);
            // Options are in a section of their own already.
            if (header[0] != "Option")
                page.Tagged(Inline(cells[0]), string.Join("\n", cells.Skip(1).Zip(header.Skip(1), Labelled).Where(text => text.Length > 0)));
        }
        return row;
    }

    private static string Labelled(string cell, string label)
    {
        if (cell.Length == 0)
            return "";
        string text = Inline(cell);
        return (label.Length == 0 ? text : $"{RoffText.Italic(label)}: {text}") + (text[^1] is '.' or '?' ? "" : ".");
    }

    private static int Prose(RoffPage page, string[] lines, int at)
    {
        int end = at + 1;
        while (end < lines.Length && lines[end] is not ("" or ['#' or '|', ..] or ['`', '`', '`', ..]) && !Mark().IsMatch(lines[end]))
            end++;
        string text = string.Join(' ', lines[at..end].Select(line => line.Trim()));
        Match mark = Mark().Match(text);
        if (mark.Success)
            page.Item(mark.Groups["number"].Success ? mark.Groups["number"].Value : "\\(bu", Inline(text[mark.Length..]));
        else
            page.Paragraph(Inline(text));
        return end;
    }

    private static string[] Cells(string row) =>
        [.. CellEnd().Split(row.Trim().Trim('|')).Select(cell => cell.Trim().Replace("\\|", "|", StringComparison.Ordinal))];

    /// <summary>Code, emphasis and links inside a text. What a link leads to is left out: it would lead nowhere from here.</summary>
    internal static string Inline(string text)
    {
        string roff = "";
        int done = 0;
        foreach (Match match in Span().Matches(text))
        {
            roff += RoffText.Plain(text[done..match.Index]);
            roff += match.Groups switch
            {
                { } found when found["code"].Success => RoffText.Bold(found["code"].Value),
                { } found when found["strong"].Success => RoffText.Bold(found["strong"].Value),
                { } found when found["emphasis"].Success => RoffText.Italic(found["emphasis"].Value),
                { } found => Inline(found["link"].Value),
            };
            done = match.Index + match.Length;
        }
        return roff + RoffText.Plain(text[done..]);
    }

    [GeneratedRegex(@"`(?<code>[^`]+)`|\*\*(?<strong>[^*]+)\*\*|\*(?<emphasis>[^* ][^*]*)\*|\[(?<link>[^\]]+)\]\([^)]*\)")]
    private static partial Regex Span();

    [GeneratedRegex("^(?=## )", RegexOptions.Multiline)]
    private static partial Regex SectionStart();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellEnd();

    [GeneratedRegex(@"^(- |(?<number>[0-9]+\.) )")]
    private static partial Regex Mark();
}
