using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Cli.Consoles;

/// <summary>All about the selected row, where a list leaves room below it.</summary>
internal sealed class RowPane(Canvas canvas, Row row)
{
    private const int LeastWidth = 38;
    private const int MostNames = 24;

    /// <summary>Draws it.</summary>
    /// <param name="top">First row that it may take.</param>
    /// <param name="bottom">The row behind its last one.</param>
    internal void Draw(int top, int bottom)
    {
        (string Name, string Text)[] members = [.. row.Members()];
        int height = bottom - top - 1;
        int beside = Math.Clamp(canvas.Columns / LeastWidth, 1, Math.Max(1, (members.Length + height - 1) / height));
        int lines = Math.Min(height, (members.Length + beside - 1) / beside);
        int width = (canvas.Columns - 1) / beside;
        int names = Math.Min(members.Max(member => member.Name.Length), Math.Min(MostNames, width / 2)) + 1;
        canvas.Write(0, top, new string('─', canvas.Columns), Tone.Faint);
        canvas.Write(2, top, $" {row.Key.Replace('\n', ' ')} ", Tone.Heading, canvas.Columns - 4);
        for (int i = 0; i < members.Length && i < lines * beside; i++)
        {
            (int column, int line) = (1 + (i / lines * width), top + 1 + (i % lines));
            canvas.Write(column, line, members[i].Name, Tone.Faint, names - 1);
            canvas.Write(column + names, line, members[i].Text, Tone.Plain, width - names - 1);
        }
    }
}
