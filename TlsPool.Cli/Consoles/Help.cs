using TlsPool.Actors.Management.Operations;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Cli.Consoles;

/// <summary>What the keys do.</summary>
internal static class Help
{
    private static readonly (string Name, string Text)[] Keys =
    [
        ("Tab", "the next screen; Shift-Tab the one before"),
        ("up down", "select a row; j and k too"),
        ("n p", "the next part of the list, and the one before; page down and up too, Home for the first"),
        ("Enter", "all about the selected row"),
        ("/", "show only some rows; Esc shows all again"),
        ("s", "another order"),
        ("a", "do something, with the selected row or on this screen"),
        ("r", "ask now; connect now"),
        ("^L", "draw the screen anew"),
        ("q", "leave"),
    ];

    /// <summary>What they do on a screen.</summary>
    internal static IReadOnlyList<(string Name, string Text)> For(Screen screen) =>
    [
        (screen.Letter.ToString(), $"{screen.Name}: {screen.Operation.Summary}"),
        .. screen.Actions.Select(action => ($"a {action.Verb}", $"{action.Summary} (role: {RoleOf(action)})")),
        ("", ""),
        .. Keys,
        ("", ""),
        .. ScreenTable.All.Select(one => (one.Letter.ToString(), $"{one.Name}: {one.Operation.Summary}")),
    ];

    private static string RoleOf(Operation action) => action.Role.ToString().ToLowerInvariant();
}
