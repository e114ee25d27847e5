using System.Text;
using Spectre.Console;

namespace TlsPool.Cli.Consoles.Drawing;

/// <summary>
/// Puts what was drawn on a terminal: only rows that have changed, at once, so that it neither flickers nor fills a slow link. What was on the
/// terminal before comes back when this is disposed of.
/// </summary>
internal sealed class ScreenWriter : IDisposable
{
    private const string NoWrap = "\e[?7l";
    private const string Wrap = "\e[?7h";

    private readonly Action<string> _write;
    private readonly StringWriter _text = new();
    private readonly AnsiWriter _ansi;
    private string[] _shown = [];
    private int _columns;

    /// <summary>Takes over the terminal.</summary>
    /// <param name="write">Writes to it.</param>
    internal ScreenWriter(Action<string> write)
    {
        _write = write;
        _ansi = new AnsiWriter(_text, AnsiCapabilities.Create(_text, new AnsiWriterSettings { Ansi = AnsiSupport.Yes }));
        _ansi.EnterAltScreen();
        _ansi.HideCursor();
        _text.Write(NoWrap);
        Send();
    }

    /// <summary>What is on the terminal is not known any more.</summary>
    internal void Forget() => _shown = [];

    /// <summary>Shows what was drawn.</summary>
    internal void Show(Canvas canvas)
    {
        if ((_shown.Length, _columns) != (canvas.Rows, canvas.Columns))
        {
            _ansi.EraseInDisplay(2);
            (_shown, _columns) = (new string[canvas.Rows], canvas.Columns);
        }
        for (int row = 0; row < canvas.Rows; row++)
        {
            string line = LineOf(canvas, row);
            if (line == _shown[row])
                continue;
            _ansi.CursorPosition(row + 1, 1);
            _text.Write(line);
            _shown[row] = line;
        }
        Send();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _text.Write(Wrap);
        _ansi.ShowCursor();
        _ansi.ExitAltScreen();
        Send();
        _text.Dispose();
    }

    private string LineOf(Canvas canvas, int row)
    {
        StringBuilder buffer = _text.GetStringBuilder();
        int start = buffer.Length;
        List<(string Text, Tone Tone)> runs = [.. canvas.RunsOf(row)];
        // Spaces at the end cost a slow link something, and show nothing. A row without any has nothing behind it to erase: the cursor is still
        // in its last cell.
        bool hasSpace = runs[^1] is { Tone: Tone.Plain } last && last.Text.EndsWith(' ');
        if (hasSpace)
            runs[^1] = (runs[^1].Text.TrimEnd(), Tone.Plain);
        foreach ((string text, Tone tone) in runs.Where(run => run.Text.Length > 0))
        {
            if (tone == Tone.Plain)
                _text.Write(text);
            else
                _ansi.Write(text, Palette.Of(tone));
        }
        if (hasSpace)
            _ansi.EraseInLine(0);
        string line = buffer.ToString(start, buffer.Length - start);
        buffer.Length = start;
        return line;
    }

    private void Send()
    {
        StringBuilder buffer = _text.GetStringBuilder();
        if (buffer.Length > 0)
            _write(buffer.ToString());
        buffer.Clear();
    }
}
