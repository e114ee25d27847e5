using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>A line of text.</summary>
internal sealed class TextField : Field
{
    /// <summary>What the node takes.</summary>
    private const int Longest = 4096;

    private readonly List<string> _letters = [];
    private int _caret;

    internal TextField(string label, string help, string text = "")
        : base(label, help)
    {
        _letters.AddRange(text.EnumerateRunes().Select(letter => letter.ToString()));
        _caret = _letters.Count;
    }

    internal override string Text => string.Concat(_letters);

    internal override void Draw(Canvas canvas, int column, int row, int width, bool isFocused)
    {
        // What is before the caret stays to be seen, as far as there is room.
        int start = 0;
        while (start < _caret && Canvas.WidthOf(string.Concat(_letters[start.._caret])) >= width)
            start++;
        canvas.Clear(column, row, width, Tone.Field);
        int end = canvas.Write(column, row, string.Concat(_letters[start.._caret]), Tone.Field, width);
        if (!isFocused)
        {
            canvas.Write(end, row, string.Concat(_letters[_caret..]), Tone.Field, column + width - end);
            return;
        }
        end = canvas.Write(end, row, _caret < _letters.Count ? _letters[_caret] : " ", Tone.Selected, column + width - end);
        if (_caret + 1 < _letters.Count)
            canvas.Write(end, row, string.Concat(_letters[(_caret + 1)..]), Tone.Field, column + width - end);
    }

    internal override void Take(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Letter when _letters.Count < Longest:
                _letters.Insert(_caret++, key.Letter.ToString());
                break;
            case KeyKind.Backspace when _caret > 0:
                _letters.RemoveAt(--_caret);
                break;
            case KeyKind.Delete when _caret < _letters.Count:
                _letters.RemoveAt(_caret);
                break;
            case KeyKind.Erase:
                _letters.Clear();
                _caret = 0;
                break;
            case KeyKind.Left:
                _caret = Math.Max(0, _caret - 1);
                break;
            case KeyKind.Right:
                _caret = Math.Min(_letters.Count, _caret + 1);
                break;
            case KeyKind.Home:
                _caret = 0;
                break;
            case KeyKind.End:
                _caret = _letters.Count;
                break;
        }
    }
}
