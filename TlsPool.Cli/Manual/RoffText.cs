using System.Text;

namespace TlsPool.Cli.Manual;

/// <summary>Pieces of text for manual pages.</summary>
internal static class RoffText
{
    /// <summary>Text as it is: no letter of it means anything to <c>roff</c>.</summary>
    internal static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            plain.Append(letter switch
            {
                '\\' => "\\e",
                '-' => "\\-",
                '\'' => "\\(aq",
                '"' => "\\(dq",
                '`' => "\\(ga",
                '^' => "\\(ha",
                '~' => "\\(ti",
                _ => letter.ToString(),
            });
        }
        return plain.ToString();
    }

    /// <summary>What is typed as it stands here.</summary>
    internal static string Bold(string text) => $"\\fB{Plain(text)}\\fR";

    /// <summary>What stands for something else.</summary>
    internal static string Italic(string text) => $"\\fI{Plain(text)}\\fR";

    /// <summary>Another manual page.</summary>
    internal static string Reference(string page, int section) => $"\\fB{Plain(page)}\\fR({section})";
}
