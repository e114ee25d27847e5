using System.Text;

namespace TlsPool.Cli.Consoles.Input;

/// <summary>A key that was pressed.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Letter">The letter of <see cref="KeyKind.Letter"/>.</param>
internal readonly record struct Key(KeyKind Kind, Rune Letter = default)
{
    /// <summary>True for this letter.</summary>
    internal bool Is(char letter) => Kind == KeyKind.Letter && Letter.Value == letter;

    /// <summary>Without the letter: it may be one of a PIN.</summary>
    public override string ToString() => Kind.ToString();
}

/// <summary>Keys that the console tells apart.</summary>
internal enum KeyKind
{
    /// <summary>One that writes something.</summary>
    Letter,

    /// <summary>Enter.</summary>
    Enter,

    /// <summary>Escape.</summary>
    Escape,

    /// <summary>Tab.</summary>
    Tab,

    /// <summary>Tab with shift.</summary>
    BackTab,

    /// <summary>Backspace.</summary>
    Backspace,

    /// <summary>Delete.</summary>
    Delete,

    /// <summary>Arrow up.</summary>
    Up,

    /// <summary>Arrow down.</summary>
    Down,

    /// <summary>Arrow left.</summary>
    Left,

    /// <summary>Arrow right.</summary>
    Right,

    /// <summary>Home.</summary>
    Home,

    /// <summary>End.</summary>
    End,

    /// <summary>Page up.</summary>
    PageUp,

    /// <summary>Page down.</summary>
    PageDown,

    /// <summary>Control U, which empties a line.</summary>
    Erase,

    /// <summary>Control L, which draws everything anew.</summary>
    Redraw,
}
