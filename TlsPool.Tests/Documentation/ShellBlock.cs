using System.Text;

namespace TlsPool.Tests.Documentation;

/// <summary>The simple commands of a piece of shell script, as far as pages use the shell.</summary>
internal static class ShellBlock
{
    private static readonly string[] Prefixes = ["sudo", "runuser", "exec", "time"];

    /// <summary>Words of every command that runs a program.</summary>
    /// <param name="script">The script; lines that do not start a command may be output of one.</param>
    /// <param name="program">The program, with or without its folder.</param>
    internal static IEnumerable<string[]> CommandsOf(string script, string program)
    {
        foreach (string line in script.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
            foreach (List<string> words in Commands(line))
            {
                int start = words.FindIndex(word => Path.GetFileName(word) == program);
                if (start >= 0 && words.Take(start).All(IsPrefix))
                    yield return [.. words.Skip(start + 1)];
            }
    }

    private static bool IsPrefix(string word) =>
        Prefixes.Contains(word) || word is "$" || word.Contains('=', StringComparison.Ordinal) || word.StartsWith("$(", StringComparison.Ordinal);

    private static IEnumerable<List<string>> Commands(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false, redirected = false;
        char quote = '\0';
        for (int i = 0; i <= line.Length; i++)
        {
            char letter = i < line.Length ? line[i] : ';';
            bool last = i == line.Length;
            if (!last && quote != '\0')
            {
                if (letter == quote)
                    quote = '\0';
                else
                    word.Append(letter);
                continue;
            }
            if (!last && letter is '\'' or '"')
            {
                (quote, inWord) = (letter, true);
                continue;
            }
            if (letter is not (' ' or '\t' or ';' or '|' or '&' or '>' or '<' or ')') && !(letter == '#' && !inWord))
            {
                word.Append(letter);
                inWord = true;
                continue;
            }
            if (inWord && !redirected)
                words.Add(word.ToString());
            redirected = redirected && !inWord;
            word.Clear();
            inWord = false;
            if (letter is '>' or '<')
            {
                redirected = true;
                continue;
            }
            if (letter is ' ' or '\t')
                continue;
            yield return words;
            if (letter == '#')
                yield break;
            words = [];
        }
    }
}
