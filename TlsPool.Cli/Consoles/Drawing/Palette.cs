using Spectre.Console;

namespace TlsPool.Cli.Consoles.Drawing;

/// <summary>How tones look. Only the eight colours that every terminal has, as its user likes them; decorations where there are none.</summary>
internal static class Palette
{
    internal static Style Of(Tone tone) => tone switch
    {
        Tone.Faint => new Style(decoration: Decoration.Dim),
        Tone.Banner => new Style(Color.Navy, decoration: Decoration.Bold | Decoration.Invert),
        Tone.Heading => new Style(decoration: Decoration.Bold | Decoration.Underline),
        Tone.Selected => new Style(decoration: Decoration.Invert),
        Tone.Good => new Style(Color.Green),
        Tone.Warning => new Style(Color.Olive, decoration: Decoration.Bold),
        Tone.Bad => new Style(Color.Maroon, decoration: Decoration.Bold),
        Tone.Key => new Style(Color.Teal, decoration: Decoration.Bold),
        Tone.Field => new Style(decoration: Decoration.Underline),
        _ => Style.Plain,
    };
}
