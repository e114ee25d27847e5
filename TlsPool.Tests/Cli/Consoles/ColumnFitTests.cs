using NUnit.Framework;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Tests.Cli.Consoles;

[Parallelizable(ParallelScope.All)]
public sealed class ColumnFitTests
{
    private static readonly Screen Sessions = ScreenTable.All.Single(screen => screen.Name == "Sessions");

    [Test]
    public void Every_screen_fits_every_width_with_its_titles_whole() => Assert.Multiple(() =>
    {
        foreach (Screen screen in ScreenTable.All)
        {
            foreach (int content in new[] { 1, 8, 30, 200 })
            {
                for (int width = 29; width < 250; width++)
                {
                    IReadOnlyList<(Column Column, int Width)> fit = ColumnFit.Fit(screen.Columns, [.. screen.Columns.Select(_ => content)], width);
                    Assert.That(fit.Sum(one => one.Width) + fit.Count - 1, Is.LessThanOrEqualTo(width), $"{screen.Name} {width}");
                    Assert.That(fit.Count == 1 || fit.All(one => one.Width >= one.Column.Title.Length), Is.True, $"{screen.Name} {width}");
                    Assert.That(fit.Select(one => one.Column), Is.EqualTo(screen.Columns.Intersect(fit.Select(one => one.Column))), "their order stays");
                }
            }
        }
    });

    [Test]
    public void What_matters_most_stays_on_a_narrow_terminal()
    {
        int[] wanted = [.. Sessions.Columns.Select(column => column.Most)];
        Assert.That(Titles(39), Is.EqualTo(new[] { "NUMBER", "STATE", "REMOTE ID", "AGE" }));
        Assert.That(Titles(400), Is.EqualTo(Sessions.Columns.Select(column => column.Title)));

        IEnumerable<string> Titles(int width) => ColumnFit.Fit(Sessions.Columns, wanted, width).Select(one => one.Column.Title);
    }

    [Test]
    public void An_identity_is_whole_before_a_cipher_suite_is_there()
    {
        int[] wanted = [.. Sessions.Columns.Select(column => column.Title is "LOCAL ID" or "REMOTE ID" ? 20 : column.Least)];
        IReadOnlyList<(Column Column, int Width)> fit = ColumnFit.Fit(Sessions.Columns, wanted, 100);
        Assert.That(fit.Single(one => one.Column.Title == "REMOTE ID").Width, Is.EqualTo(20));
        Assert.That(fit.Select(one => one.Column.Title), Does.Not.Contain("CIPHER SUITE"));
    }
}
