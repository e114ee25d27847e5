using System.Globalization;
using System.Text;
using TlsPool.Actors.Management;

namespace TlsPool.Cli.Manual;

/// <summary>A manual page in the language of <c>man(7)</c>. Text that is passed in may have styles of <see cref="RoffText"/>.</summary>
internal sealed class RoffPage
{
    private readonly StringBuilder _source = new();

    /// <summary>Begins a page.</summary>
    /// <param name="name">Its name, as in <c>tlspool-identity</c>.</param>
    /// <param name="section">Its section of the manual.</param>
    /// <param name="build">The program that it belongs to.</param>
    internal RoffPage(string name, int section, BuildFacts build)
    {
        (Name, Section) = (name, section);
        Line(string.Create(
            CultureInfo.InvariantCulture, $".TH {RoffText.Plain(name.ToUpperInvariant())} {section} \"{build.Date}\" \"tlspool {build.Version}\" \"TLS Pool\""));
        // Hyphens inside keywords would be taken for theirs.
        Line(".nh");
    }

    internal string Name { get; }

    internal int Section { get; }

    /// <summary>Its file name.</summary>
    internal string FileName => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Section}");

    /// <summary>A section, as <c>OPTIONS</c>.</summary>
    internal RoffPage Heading(string text) => Line($".SH \"{RoffText.Plain(text.ToUpperInvariant())}\"");

    /// <summary>A part of a section.</summary>
    internal RoffPage SubHeading(string text) => Line($".SS \"{RoffText.Plain(text)}\"");

    internal RoffPage Paragraph(string text) => Line(".PP").Text(text);

    /// <summary>A term and what there is to say about it.</summary>
    internal RoffPage Tagged(string term, string text) => Line(".TP").Text(term).Text(text.Length == 0 ? "\\&" : text);

    /// <summary>An entry of a list.</summary>
    internal RoffPage Item(string mark, string text) => Line($".IP \"{mark}\" 4").Text(text);

    /// <summary>Lines that stay as they are.</summary>
    internal RoffPage Example(string lines)
    {
        Line(".PP").Line(".in +4").Line(".EX");
        foreach (string line in lines.TrimEnd('\n').Split('\n'))
            Text(RoffText.Plain(line));
        return Line(".EE").Line(".in");
    }

    /// <summary>A line of text.</summary>
    internal RoffPage Text(string text) => Line(text is ['.' or '\'', ..] ? "\\&" + text : text);

    /// <summary>Ends a line here.</summary>
    internal RoffPage Break() => Line(".br");

    /// <summary>The source of the page.</summary>
    public override string ToString() => _source.ToString();

    private RoffPage Line(string line)
    {
        _source.Append(line).Append('\n');
        return this;
    }
}
