using TlsPool.Cli.Consoles.Drawing;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>Texts over several lines.</summary>
internal static class Wrapping
{
    /// <summary>A summary as a sentence.</summary>
    internal static string Sentence(string summary) => $"{char.ToUpperInvariant(summary[0])}{summary[1..]}.";

    /// <summary>Lines of at most so many cells, broken at spaces where there are any.</summary>
    internal static IEnumerable<string> Lines(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' ').SelectMany(word => Pieces(word, Math.Max(1, width))))
        {
            if (line.Length > 0 && Canvas.WidthOf(line) + 1 + Canvas.WidthOf(word) > width)
            {
                yield return line;
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }
        yield return line;
    }

    // A letter takes two cells at most.
    private static IEnumerable<string> Pieces(string word, int width) =>
        Canvas.WidthOf(word) <= width ? [word] : word.Chunk(Math.Max(1, Canvas.WidthOf(word) == word.Length ? width : width / 2)).Select(letters => new string(letters));
}
