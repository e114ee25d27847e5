using System.Text;
using Spectre.Console;

namespace TlsPool.Cli.Consoles.Drawing;

/// <summary>
/// The cells of a screen, while it is drawn. What lies outside is left out, and what does not fit ends with an ellipsis. Texts may come from
/// strangers: what a terminal would act on becomes a question mark.
/// </summary>
internal sealed class Canvas
{
    private const string Ellipsis = "…";

    private readonly Cell[] _cells;

    internal Canvas(int columns, int rows)
    {
        (Columns, Rows) = (columns, rows);
        _cells = new Cell[columns * rows];
        Array.Fill(_cells, new Cell(" ", Tone.Plain));
    }

    /// <summary>Cells in a row.</summary>
    internal int Columns { get; }

    /// <summary>Rows.</summary>
    internal int Rows { get; }

    /// <summary>Cells that a text takes.</summary>
    internal static int WidthOf(string text) => TerminalText.Printable(text).GetCellWidth();

    /// <summary>Writes a text.</summary>
    /// <param name="column">Where it begins.</param>
    /// <param name="row">In which row.</param>
    /// <param name="text">The text.</param>
    /// <param name="tone">What it is.</param>
    /// <param name="width">Cells that it may take.</param>
    /// <returns>The column behind it.</returns>
    internal int Write(int column, int row, string text, Tone tone = Tone.Plain, int width = int.MaxValue)
    {
        int end = (int)Math.Min((long)column + width, Columns);
        if (row < 0 || row >= Rows || column >= end || column < 0)
            return column;
        text = TerminalText.Printable(text);
        bool isCut = text.GetCellWidth() > end - column;
        foreach (Rune letter in text.EnumerateRunes())
        {
            string shown = letter.ToString();
            int cells = shown.GetCellWidth();
            if (cells <= 0)
                continue;
            if (column + cells > end - (isCut ? 1 : 0))
                break;
            this[column, row] = new Cell(shown, tone);
            if (cells == 2)
                this[column + 1, row] = new Cell("", tone);
            column += cells;
        }
        if (isCut)
            this[column++, row] = new Cell(Ellipsis, tone);
        return column;
    }

    /// <summary>Writes a text whose last cell is before <paramref name="end"/>, within so many cells.</summary>
    internal void WriteRight(int end, int row, string text, Tone tone, int width) =>
        Write(Math.Max(end - width, end - WidthOf(text)), row, text, tone, width);

    /// <summary>Empties a part of a row.</summary>
    internal void Clear(int column, int row, int width, Tone tone = Tone.Plain) => Write(column, row, new string(' ', Math.Clamp(width, 0, Columns)), tone, width);

    /// <summary>Draws a box with a title, empty inside.</summary>
    internal void Box(int column, int row, int width, int height, string title)
    {
        for (int line = 0; line < height; line++)
        {
            string edge = line == 0 ? "┌┐" : line == height - 1 ? "└┘" : "││";
            string inside = new(line == 0 || line == height - 1 ? '─' : ' ', width - 2);
            Write(column, row + line, $"{edge[0]}{inside}{edge[1]}");
        }
        Write(column + 2, row, $" {title} ", Tone.Heading, width - 4);
    }

    /// <summary>A row, without spaces at its end.</summary>
    internal string Text(int row) => string.Concat(RunsOf(row).Select(run => run.Text)).TrimEnd();

    /// <summary>A row as texts of one tone each.</summary>
    internal IEnumerable<(string Text, Tone Tone)> RunsOf(int row)
    {
        var run = new StringBuilder();
        Tone tone = this[0, row].Tone;
        for (int column = 0; column < Columns; column++)
        {
            Cell cell = this[column, row];
            if (cell.Tone != tone)
            {
                yield return (run.ToString(), tone);
                run.Clear();
                tone = cell.Tone;
            }
            run.Append(cell.Text);
        }
        yield return (run.ToString(), tone);
    }

    private Cell this[int column, int row]
    {
        get => _cells[(row * Columns) + column];
        set
        {
            // Half of a letter that takes two cells is none.
            if (this[column, row].Text.Length == 0 && column > 0)
                _cells[(row * Columns) + column - 1] = this[column - 1, row] with { Text = " " };
            if (column + 1 < Columns && this[column + 1, row].Text.Length == 0 && value.Text.Length > 0)
                _cells[(row * Columns) + column + 1] = this[column + 1, row] with { Text = " " };
            _cells[(row * Columns) + column] = value;
        }
    }

    private readonly record struct Cell(string Text, Tone Tone);
}
