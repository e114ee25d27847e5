using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>Fields to fill in.</summary>
internal sealed class FormDialog : IDialog
{
    private readonly string _title;
    private readonly string _intro;
    private readonly IReadOnlyList<Field> _fields;
    private readonly Action _submit;
    private int _focus;
    private string _mistake = "";

    /// <summary>Makes one.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="intro">What it is for.</param>
    /// <param name="fields">The fields.</param>
    /// <param name="submit">Does what the form is for; a <see cref="FieldException"/> says what is not filled in well.</param>
    internal FormDialog(string title, string intro, IReadOnlyList<Field> fields, Action submit)
    {
        (_title, _intro, _fields, _submit) = (title, intro, fields, submit);
        Focus(-1, 1);
    }

    /// <inheritdoc/>
    public void Draw(Canvas canvas)
    {
        int width = Math.Min(76, canvas.Columns);
        int labels = Math.Min(_fields.Select(field => field.Label.Length).DefaultIfEmpty(0).Max(), (width - 4) / 2);
        List<string> intro = [.. Wrapping.Lines(_intro, width - 4)];
        string told = _mistake.Length > 0 ? _mistake : _fields.Count > 0 ? _fields[_focus].Help : "";
        List<string> below = [.. Wrapping.Lines(told, width - 4)];
        // On a small terminal the fields come first, then what is wrong, then what the form is for.
        int room = canvas.Rows - 2;
        int rows = Math.Min(_fields.Count, Math.Max(1, room - 1));
        below = [.. below.Take(Math.Max(0, room - rows))];
        intro = [.. intro.Take(Math.Max(0, room - rows - below.Count))];
        int height = rows + below.Count + intro.Count + 2;
        (int column, int row) = ((canvas.Columns - width) / 2, (canvas.Rows - height) / 2);
        canvas.Box(column, row, width, height, _title);
        canvas.Write(column + 2, row + height - 1, " Enter does it, Esc does not ", Tone.Key, width - 4);
        foreach (string line in intro)
            canvas.Write(column + 2, ++row, line, Tone.Plain, width - 4);
        int top = Math.Clamp(_focus - (rows / 2), 0, _fields.Count - rows);
        for (int i = top; i < top + rows; i++)
        {
            canvas.Write(column + 2, ++row, _fields[i].Label, i == _focus && _fields[i].IsOpen ? Tone.Key : Tone.Plain, labels);
            _fields[i].Draw(canvas, column + 3 + labels, row, width - labels - 5, i == _focus);
        }
        foreach (string line in below)
            canvas.Write(column + 2, ++row, line, _mistake.Length > 0 ? Tone.Bad : Tone.Faint, width - 4);
    }

    /// <inheritdoc/>
    public bool Take(Key key)
    {
        _mistake = "";
        switch (key.Kind)
        {
            case KeyKind.Escape:
                return End();
            case KeyKind.Tab or KeyKind.Down:
                Focus(_focus, 1);
                return true;
            case KeyKind.BackTab or KeyKind.Up:
                Focus(_focus, -1);
                return true;
            case KeyKind.Enter:
                return Submit();
            default:
                if (_fields.Count > 0)
                    _fields[_focus].Take(key);
                return true;
        }
    }

    private bool Submit()
    {
        try
        {
            _submit();
            return End();
        }
        catch (FieldException mistake)
        {
            _mistake = mistake.Message;
            _focus = Math.Max(0, _fields.ToList().IndexOf(mistake.About));
            return true;
        }
    }

    private bool End()
    {
        foreach (Field field in _fields)
            field.Forget();
        return false;
    }

    /// <summary>The next field that can be filled in, in a direction.</summary>
    private void Focus(int from, int step)
    {
        for (int i = 1; i <= _fields.Count; i++)
        {
            int place = (from + (step * i) + (_fields.Count * 2)) % _fields.Count;
            if (!_fields[place].IsOpen)
                continue;
            _focus = place;
            return;
        }
    }
}

/// <summary>A form is not filled in well; the message says why.</summary>
/// <param name="about">The field that it is about.</param>
/// <param name="message">What is wrong with it.</param>
internal sealed class FieldException(Field about, string message) : Exception(message)
{
    /// <summary>The field.</summary>
    internal Field About => about;
}
