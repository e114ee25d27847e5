using System.Text.Json;

namespace TlsPool.Cli.Consoles.Screens;

/// <summary>
/// What a screen shows of its list: one part of it, which the node has filtered and ordered, and the row that keys act on. That row is known by
/// its key and not by its place, so that it stays selected while others come and go.
/// </summary>
/// <param name="screen">The screen.</param>
/// <param name="node">The node whose rows are shown; empty for all.</param>
internal sealed class ListState(Screen screen, string node)
{
    private readonly Stack<string?> _earlierParts = new();
    private string? _after;
    private string? _next;

    /// <summary>The screen.</summary>
    internal Screen Screen => screen;

    /// <summary>What the list is filtered by.</summary>
    internal IReadOnlyDictionary<string, object?> Filter { get; private set; } = new Dictionary<string, object?>();

    /// <summary>The node whose rows are shown; empty for all.</summary>
    internal string Node { get; private set; } = node;

    /// <summary>How it is ordered; null for the usual way.</summary>
    internal string? Order { get; private set; }

    /// <summary>The rows of the part.</summary>
    internal IReadOnlyList<Row> Rows { get; private set; } = [];

    /// <summary>How many pass the filter.</summary>
    internal long Total { get; private set; }

    /// <summary>Nodes whose rows are missing.</summary>
    internal IReadOnlyList<string> Silent { get; private set; } = [];

    /// <summary>When the node said so; null if it has said nothing yet.</summary>
    internal DateTimeOffset? Loaded { get; private set; }

    /// <summary>Why there is nothing newer; empty if nothing is wrong.</summary>
    internal string Trouble { get; set; } = "";

    /// <summary>Place of the selected row.</summary>
    internal int Selected { get; private set; }

    /// <summary>Number of the part, from 1.</summary>
    internal int Part => _earlierParts.Count + 1;

    /// <summary>True if there is a part behind this one.</summary>
    internal bool HasNext => _next is not null;

    /// <summary>The row that keys act on; null if there are none.</summary>
    internal Row? Row => Selected < Rows.Count ? Rows[Selected] : null;

    /// <summary>True if something narrows the list.</summary>
    internal bool IsFiltered => Filter.Count > 0 || Node.Length > 0;

    /// <summary>What the node is asked for.</summary>
    /// <param name="limit">Rows that there is room for.</param>
    internal Dictionary<string, object?> Question(int limit) => new(Filter)
    {
        ["limit"] = (long)limit,
        ["after"] = _after,
        ["sort"] = Order,
    };

    /// <summary>Takes what the node has answered.</summary>
    /// <returns>False if the part has no rows any more: the one before it is to be asked for.</returns>
    internal bool Take(JsonElement page, DateTimeOffset now)
    {
        JsonElement items = page.GetProperty("items");
        if (items.GetArrayLength() == 0 && GoBack())
            return false;
        string? selected = Row?.Key;
        var before = Rows.ToDictionary(row => row.Key, row => row.Item);
        var rows = new Dictionary<string, Row>();
        foreach (JsonElement item in items.EnumerateArray())
        {
            string key = KeyOf(item);
            rows.TryAdd(key, new Row(key, item, before.TryGetValue(key, out JsonElement earlier) ? earlier : null));
        }
        Rows = [.. rows.Values];
        Total = page.GetProperty("total").GetInt64();
        _next = page.GetProperty("next").GetString();
        Silent = [.. page.GetProperty("silent").EnumerateArray().Select(node => node.GetString() ?? "")];
        Loaded = now;
        Trouble = "";
        int place = Rows.ToList().FindIndex(row => row.Key == selected);
        Selected = place >= 0 ? place : Math.Clamp(Selected, 0, Math.Max(0, Rows.Count - 1));
        return true;
    }

    /// <summary>Selects another row of the part.</summary>
    /// <returns>False if there is none in that direction.</returns>
    internal bool Move(int rows)
    {
        int before = Selected;
        Selected = Math.Clamp(Selected + rows, 0, Math.Max(0, Rows.Count - 1));
        return Selected != before;
    }

    /// <summary>Goes to the next part; false if there is none.</summary>
    internal bool GoOn()
    {
        if (_next is null)
            return false;
        _earlierParts.Push(_after);
        _after = _next;
        _next = null;
        Selected = 0;
        return true;
    }

    /// <summary>Goes to the part before; false if there is none.</summary>
    internal bool GoBack()
    {
        if (!_earlierParts.TryPop(out _after))
            return false;
        Selected = 0;
        return true;
    }

    /// <summary>Goes to the first part.</summary>
    internal void GoHome()
    {
        _earlierParts.Clear();
        (_after, Selected) = (null, 0);
    }

    /// <summary>Narrows the list; other rows are shown from its beginning.</summary>
    internal void Narrow(IReadOnlyDictionary<string, object?> filter, string node)
    {
        (Filter, Node) = (filter, node);
        // What was there may not pass.
        (Rows, Total, Silent, Loaded) = ([], 0, [], null);
        GoHome();
    }

    /// <summary>Orders it in the next way; false if there is one way only.</summary>
    internal bool Reorder()
    {
        if (screen.Orders.Count == 0)
            return false;
        Order = screen.Orders[(screen.Orders.ToList().IndexOf(Order ?? screen.Orders[0]) + 1) % screen.Orders.Count];
        GoHome();
        return true;
    }

    private string KeyOf(JsonElement item) =>
        string.Join('\n', screen.Key.Select(name => item.TryGetProperty(name, out JsonElement value) ? value.ToString() : ""));
}
