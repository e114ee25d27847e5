using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>Something to choose from.</summary>
/// <param name="title">Its title.</param>
/// <param name="entries">What there is.</param>
/// <param name="chosen">Is told what was chosen.</param>
internal sealed class MenuDialog(string title, IReadOnlyList<MenuEntry> entries, Action<int> chosen) : IDialog
{
    private int _selected;
    private string _reason = "";

    /// <inheritdoc/>
    public void Draw(Canvas canvas)
    {
        int width = Math.Min(76, canvas.Columns);
        string text = _reason.Length > 0 ? _reason : entries[_selected].Summary;
        List<string> lines = [.. Wrapping.Lines(text, width - 4)];
        int height = Math.Min(entries.Count + lines.Count + 3, canvas.Rows);
        (int column, int row) = ((canvas.Columns - width) / 2, (canvas.Rows - height) / 2);
        canvas.Box(column, row, width, height, title);
        canvas.Write(column + 2, row + height - 1, " letter or Enter, Esc closes ", Tone.Key, width - 4);
        for (int i = 0; i < entries.Count; i++)
        {
            Tone tone = i == _selected ? Tone.Selected : entries[i].Refusal.Length > 0 ? Tone.Faint : Tone.Plain;
            string line = $"{(i == _selected ? '>' : ' ')} {entries[i].Letter}  {entries[i].Name}{(entries[i].Refusal.Length > 0 ? $"  ({entries[i].Short})" : "")}";
            canvas.Write(column + 1, row + 1 + i, line.PadRight(width - 2), tone, width - 2);
        }
        for (int i = 0; i < lines.Count && entries.Count + 2 + i < height - 1; i++)
            canvas.Write(column + 2, row + entries.Count + 2 + i, lines[i], _reason.Length > 0 ? Tone.Bad : Tone.Faint, width - 4);
    }

    /// <inheritdoc/>
    public bool Take(Key key)
    {
        _reason = "";
        switch (key.Kind)
        {
            case KeyKind.Up or KeyKind.BackTab:
                _selected = (_selected + entries.Count - 1) % entries.Count;
                return true;
            case KeyKind.Down or KeyKind.Tab:
                _selected = (_selected + 1) % entries.Count;
                return true;
            case KeyKind.Enter:
                return Choose();
            case KeyKind.Letter when entries.ToList().FindIndex(entry => key.Is(entry.Letter)) is >= 0 and var place:
                _selected = place;
                return Choose();
            default:
                return key.Kind == KeyKind.Letter;
        }
    }

    private bool Choose()
    {
        _reason = entries[_selected].Refusal;
        if (_reason.Length > 0)
            return true;
        chosen(_selected);
        return false;
    }
}

/// <summary>Something in a <see cref="MenuDialog"/>.</summary>
/// <param name="Letter">The key that chooses it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Refusal">Why it cannot be chosen; empty if it can.</param>
/// <param name="Short">The same in few words.</param>
internal sealed record MenuEntry(char Letter, string Name, string Summary, string Refusal, string Short);
