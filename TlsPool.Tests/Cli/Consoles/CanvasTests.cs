using NUnit.Framework;
using TlsPool.Cli.Consoles.Drawing;

namespace TlsPool.Tests.Cli.Consoles;

[Parallelizable(ParallelScope.All)]
public sealed class CanvasTests
{
    [Test]
    public void What_does_not_fit_ends_with_an_ellipsis_and_what_lies_outside_is_left_out()
    {
        var canvas = new Canvas(10, 2);
        Assert.That(canvas.Write(2, 0, "www.example.com", width: 6), Is.EqualTo(8));
        canvas.Write(8, 1, "abc");
        canvas.Write(0, 5, "below");
        canvas.Write(20, 0, "right");
        Assert.That((canvas.Text(0), canvas.Text(1)), Is.EqualTo(("  www.e…", "        a…")));
    }

    [Test]
    public void Letters_of_two_cells_keep_columns_where_they_are()
    {
        var canvas = new Canvas(8, 1);
        Assert.That(canvas.Write(0, 0, "漢字"), Is.EqualTo(4));
        canvas.Write(4, 0, "|");
        Assert.That(canvas.Text(0), Is.EqualTo("漢字|"));
        canvas.Write(1, 0, "x");
        Assert.That(canvas.Text(0), Is.EqualTo(" x字|"), "half a letter is none");
    }

    [Test]
    public void What_a_terminal_would_act_on_does_not_reach_it()
    {
        var sent = new System.Text.StringBuilder();
        using var writer = new ScreenWriter(text => sent.Append(text));
        sent.Clear();
        var canvas = new Canvas(30, 1);
        canvas.Write(0, 0, "\e]0;owned\a\n‮evil");
        writer.Show(canvas);
        Assert.That(sent.ToString(), Does.Contain("?]0;owned???evil"));
        Assert.That(sent.ToString().Where(char.IsControl), Is.All.EqualTo('\e'));
    }

    [Test]
    public void Only_rows_that_have_changed_are_sent_again()
    {
        var sent = new System.Text.StringBuilder();
        using var writer = new ScreenWriter(text => sent.Append(text));
        writer.Show(Of("one", "two"));
        sent.Clear();
        writer.Show(Of("one", "2"));
        Assert.That(sent.ToString(), Does.Not.Contain("one").And.Contains("2"));
        sent.Clear();
        writer.Show(Of("one", "2"));
        Assert.That(sent.ToString(), Is.Empty);
        writer.Forget();
        writer.Show(Of("one", "2"));
        Assert.That(sent.ToString(), Does.Contain("one"));
    }

    private static Canvas Of(params string[] lines)
    {
        var canvas = new Canvas(20, lines.Length);
        for (int i = 0; i < lines.Length; i++)
            canvas.Write(0, i, lines[i]);
        return canvas;
    }
}
