namespace TlsPool.Cli.Consoles.Drawing;

/// <summary>What a text is, and so how it looks. None is told apart by its colour alone.</summary>
internal enum Tone
{
    /// <summary>Most texts.</summary>
    Plain,

    /// <summary>What matters less, or is old.</summary>
    Faint,

    /// <summary>The line at the top.</summary>
    Banner,

    /// <summary>Titles of columns and boxes.</summary>
    Heading,

    /// <summary>What keys act on.</summary>
    Selected,

    /// <summary>It is as it should be.</summary>
    Good,

    /// <summary>Somebody should look at it.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Bad,

    /// <summary>A key that does something.</summary>
    Key,

    /// <summary>Where something can be typed.</summary>
    Field,
}
