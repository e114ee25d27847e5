using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>Texts to read: names with what they mean, which go on in further lines where they are long.</summary>
/// <param name="title">Its title.</param>
/// <param name="read">What is in it now: a name, which may be empty, and a text.</param>
internal sealed class TextDialog(string title, Func<IReadOnlyList<(string Name, string Text)>> read) : IDialog
{
    private const int MostColumns = 100;

    private int _top;

    /// <inheritdoc/>
    public void Draw(Canvas canvas)
    {
        int width = Math.Min(MostColumns, canvas.Columns);
        IReadOnlyList<(string Name, string Text)> content = read();
        int names = Math.Min(content.Max(line => line.Name.Length), width / 2);
        int room = width - 4 - (names == 0 ? 0 : names + 1);
        List<(string Name, string Text)> lines =
            [.. content.SelectMany(entry => Wrapping.Lines(entry.Text, room).Select((line, i) => (i == 0 ? entry.Name : "", line)))];
        int height = Math.Min(lines.Count + 2, canvas.Rows);
        _top = Math.Clamp(_top, 0, Math.Max(0, lines.Count - (height - 2)));
        (int column, int row) = ((canvas.Columns - width) / 2, (canvas.Rows - height) / 2);
        bool isLonger = lines.Count > height - 2;
        canvas.Box(column, row, width, height, title);
        canvas.Write(column + 2, row + height - 1, isLonger ? " ↑↓ more, Esc closes " : " Esc closes ", Tone.Key, width - 4);
        foreach ((string name, string text) in lines.Skip(_top).Take(height - 2))
        {
            row++;
            canvas.Write(column + 2, row, name, Tone.Faint, names);
            canvas.Write(column + width - 2 - room, row, text, Tone.Plain, room);
        }
    }

    /// <inheritdoc/>
    public bool Take(Key key)
    {
        _top += key.Kind switch
        {
            KeyKind.Up => -1,
            KeyKind.Down => 1,
            KeyKind.PageUp => -10,
            KeyKind.PageDown => 10,
            KeyKind.Home => -_top,
            _ => 0,
        };
        return key.Kind is KeyKind.Up or KeyKind.Down or KeyKind.PageUp or KeyKind.PageDown or KeyKind.Home;
    }
}
