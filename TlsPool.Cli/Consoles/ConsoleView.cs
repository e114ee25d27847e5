using System.Globalization;
using TlsPool.Cli.Consoles.Dialogs;
using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Cli.Consoles;

/// <summary>Draws what the console shows.</summary>
/// <param name="canvas">Where.</param>
/// <param name="model">What.</param>
/// <param name="now">When.</param>
internal sealed class ConsoleView(Canvas canvas, ConsoleModel model, DateTimeOffset now)
{
    /// <summary>The least that it can be used with.</summary>
    private const int LeastColumns = 30;

    private const int LeastRows = 8;

    /// <summary>With fewer rows it would say nothing.</summary>
    private const int LeastPane = 5;

    /// <summary>Banner, screens, subject, titles and keys.</summary>
    private const int OtherRows = 5;

    /// <summary>What a node sends at most at once.</summary>
    private const int MostRows = 500;

    private static readonly (string Key, string Text)[] Keys =
        [("?", "help"), ("q", "leave"), ("/", "filter"), ("a", "act"), ("Enter", "more"), ("n p", "parts"), ("s", "order"), ("Tab", "screens"), ("r", "now")];

    private ListState List => model.List;

    /// <summary>Rows of a list on a terminal with so many rows.</summary>
    internal static int RoomFor(int rows) => Math.Clamp(rows - OtherRows, 1, MostRows);

    /// <summary>Draws all of it.</summary>
    internal void Draw()
    {
        if (canvas.Columns < LeastColumns || canvas.Rows < LeastRows)
        {
            string[] lines = [.. Wrapping.Lines($"too small: {LeastColumns} columns and {LeastRows} rows are needed; q leaves", canvas.Columns)];
            for (int i = 0; i < lines.Length; i++)
                canvas.Write(0, i, lines[i], Tone.Bad);
            return;
        }
        DrawBanner();
        DrawScreens(1);
        DrawSubject(2);
        int bottom = DrawBottom();
        int row = DrawTroubles(3, Math.Max(1, (bottom - 5) / 2));
        if (List.Rows.Count > 0)
            row = DrawRows(row, bottom);
        else
            DrawNothing(row, bottom);
        if (List.Row is { } selected && bottom - row >= LeastPane)
            new RowPane(canvas, selected).Draw(row + 1, bottom);
        foreach (IDialog dialog in model.Dialogs)
            dialog.Draw(canvas);
    }

    private bool IsOld => List.Loaded is { } loaded && now - loaded > model.Refresh + TimeSpan.FromSeconds(3);

    private void DrawBanner()
    {
        canvas.Clear(0, 0, canvas.Columns, Tone.Banner);
        string state =
            !model.Link.IsConnected ? "NOT CONNECTED"
            : List.Loaded is not { } loaded ? "asking"
            : IsOld ? $"OLD: {Clock(loaded)}"
            : $"live {Clock(loaded)}";
        canvas.WriteRight(canvas.Columns - 1, 0, state, Tone.Banner, canvas.Columns / 2);
        string who = model.Link.Greeting is { } greeting ? $"{greeting.Node}  {greeting.Principal} ({greeting.Role})" : "";
        string title = canvas.Columns >= 60 ? $"tlspool  {who}" : who;
        canvas.Write(1, 0, title, Tone.Banner, canvas.Columns - Canvas.WidthOf(state) - 3);
    }

    private void DrawScreens(int row)
    {
        string[] tabs = [.. ScreenTable.All.Select(screen => $"{screen.Letter} {screen.Name}")];
        int current = ScreenTable.All.ToList().IndexOf(List.Screen);
        // As many as there is room for, the current one among them.
        int first = 0;
        while (first < current && tabs[first..(current + 1)].Sum(tab => tab.Length + 2) + 2 > canvas.Columns)
            first++;
        int column = canvas.Write(0, row, first > 0 ? "‹" : " ", Tone.Faint);
        for (int i = first; i < tabs.Length; i++)
        {
            if (column + tabs[i].Length + 2 > canvas.Columns)
            {
                canvas.Write(canvas.Columns - 1, row, "›", Tone.Faint);
                break;
            }
            column = canvas.Write(column, row, i == current ? $"[{tabs[i]}]" : $" {tabs[i]} ", i == current ? Tone.Selected : Tone.Plain);
        }
    }

    private void DrawSubject(int row)
    {
        string count = List.Loaded is null ? ""
            : List.Total == List.Rows.Count ? Amounts.Number(List.Total)
            : $"{Amounts.Number(List.Rows.Count)} of {Amounts.Number(List.Total)}, part {Amounts.Number(List.Part)}";
        int column = canvas.Write(1, row, $"{List.Screen.Name}: {count}");
        if (List.Order is { } order)
            column = canvas.Write(column, row, $", by {order}");
        if (List.IsFiltered)
        {
            string filter = string.Join(" ", List.Filter.Select(one => $"{one.Key}={one.Value}").Append(List.Node.Length > 0 ? $"node={List.Node}" : ""));
            canvas.Write(column, row, $", only {filter}", Tone.Warning, canvas.Columns - column);
        }
    }

    /// <summary>Keys, or what became of the last one.</summary>
    /// <returns>The first row that it takes.</returns>
    private int DrawBottom()
    {
        (string text, Tone tone) = model.Message;
        if (text.Length > 0)
        {
            string[] lines = [.. Wrapping.Lines(text, canvas.Columns - 2).Take(Math.Max(1, canvas.Rows / 3))];
            for (int i = 0; i < lines.Length; i++)
                canvas.Write(1, canvas.Rows - lines.Length + i, lines[i], tone);
            return canvas.Rows - lines.Length;
        }
        int column = 1;
        foreach ((string key, string what) in Keys.TakeWhile(one => column + one.Key.Length + one.Text.Length + 1 < canvas.Columns))
        {
            column = canvas.Write(column, canvas.Rows - 1, key, Tone.Key);
            column = canvas.Write(column, canvas.Rows - 1, $" {what}  ", Tone.Faint);
        }
        return canvas.Rows - 1;
    }

    private int DrawTroubles(int row, int most)
    {
        foreach (string line in Troubles().SelectMany(trouble => Wrapping.Lines(trouble, canvas.Columns - 4).Select((line, i) => i == 0 ? $"! {line}" : $"  {line}")).Take(most))
            canvas.Write(1, row++, line, Tone.Bad);
        return row;
    }

    private IEnumerable<string> Troubles()
    {
        if (!model.Link.IsConnected)
        {
            string node = model.Link.Greeting?.Node ?? "the node";
            yield return model.Link switch
            {
                { RetryAt: { } retry, Reason: var reason } => string.Create(
                    CultureInfo.InvariantCulture, $"not connected to {node}: {reason}; trying again in {Math.Max(0, (int)Math.Ceiling((retry - now).TotalSeconds))} s, or now with r"),
                { Reason: { Length: > 0 } reason } => $"not connected to {node}: {reason}; trying now",
                _ => $"connecting to {node}",
            };
        }
        else if (List.Trouble.Length > 0)
        {
            yield return List.Trouble;
        }
        else if (model.Asked is { } asked && now - asked > TimeSpan.FromSeconds(3))
        {
            yield return $"{model.Link.Greeting?.Node} has not answered for {Amounts.Age(now - asked)}{(List.Loaded is { } loaded ? $": this is how it was at {Clock(loaded)}" : "")}";
        }
        if (List.Silent.Count > 0)
            yield return $"{string.Join(", ", List.Silent)} does not answer: what it has is missing";
    }

    private int DrawRows(int row, int bottom)
    {
        IReadOnlyList<Column> columns = List.Screen.Columns;
        string[][] cells = [.. List.Rows.Select(one => columns.Select(column => column.Text(one, now)).ToArray())];
        int[] wanted = [.. columns.Select((column, i) => cells.Select(line => Canvas.WidthOf(line[i])).Append(column.Title.Length).Max())];
        var places = columns.Index().ToDictionary(one => one.Item, one => one.Index);
        IReadOnlyList<(Column Column, int Width)> fit = ColumnFit.Fit(columns, wanted, canvas.Columns - 1);
        DrawLine(row, fit, column => column.Title, _ => Tone.Heading, ' ');
        int visible = Math.Max(0, bottom - row - 1);
        // A part that was asked for when there was more room is moved up as far as the selected row needs.
        int top = Math.Max(0, List.Selected - visible + 1);
        for (int i = top; i < List.Rows.Count && i < top + visible; i++)
        {
            Row one = List.Rows[i];
            bool isSelected = i == List.Selected;
            row++;
            if (isSelected)
                canvas.Clear(0, row, canvas.Columns, Tone.Selected);
            DrawLine(
                row,
                fit,
                column => cells[i][places[column]],
                column => isSelected ? Tone.Selected : IsOld ? Tone.Faint : column.Tone(one, now),
                isSelected ? '>' : ' ');
        }
        return row + 1;
    }

    private void DrawLine(int row, IReadOnlyList<(Column Column, int Width)> fit, Func<Column, string> text, Func<Column, Tone> tone, char mark)
    {
        int column = canvas.Write(0, row, mark.ToString(), mark == ' ' ? Tone.Plain : Tone.Selected);
        foreach ((Column one, int width) in fit)
        {
            if (one.IsRight)
                canvas.WriteRight(column + width, row, text(one), tone(one), width);
            else
                canvas.Write(column, row, text(one), tone(one), width);
            column += width + ColumnFit.Gap;
        }
    }

    private void DrawNothing(int row, int bottom)
    {
        string text = List.Loaded is null ? (model.Link.IsConnected ? "asking ..." : "")
            : List.IsFiltered ? "nothing passes the filter; Esc takes it away"
            : "there is nothing here";
        canvas.Write(Math.Max(0, (canvas.Columns - text.Length) / 2), Math.Min(row + 2, bottom - 1), text, Tone.Faint);
    }

    private static string Clock(DateTimeOffset time) => time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
