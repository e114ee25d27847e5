using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>Something to fill in.</summary>
/// <param name="label">What it is called.</param>
/// <param name="help">What it means.</param>
internal abstract class Field(string label, string help)
{
    /// <summary>What it is called.</summary>
    internal string Label => label;

    /// <summary>What it means, and how it is filled in.</summary>
    internal string Help => help;

    /// <summary>False if it only shows something.</summary>
    internal virtual bool IsOpen => true;

    /// <summary>What is in it, as a text; not for secrets.</summary>
    internal abstract string Text { get; }

    /// <summary>Draws what is in it.</summary>
    internal abstract void Draw(Canvas canvas, int column, int row, int width, bool isFocused);

    /// <summary>Takes a key that is none of the form's.</summary>
    internal abstract void Take(Key key);

    /// <summary>The form is over: what nobody may see is overwritten.</summary>
    internal virtual void Forget()
    {
    }
}

/// <summary>Says what an action is done to.</summary>
internal sealed class FixedField(string label, string text) : Field(label, "")
{
    internal override bool IsOpen => false;

    internal override string Text => text;

    internal override void Draw(Canvas canvas, int column, int row, int width, bool isFocused) => canvas.Write(column, row, text, Tone.Plain, width);

    internal override void Take(Key key)
    {
    }
}

/// <summary>One of several values, or none.</summary>
internal sealed class ChoiceField : Field
{
    private readonly string[] _choices;
    private int _chosen;

    internal ChoiceField(string label, string help, IReadOnlyList<string> choices, bool canBeEmpty, string text = "")
        : base(label, $"{help}. ←→ or space changes it")
    {
        _choices = canBeEmpty ? ["", .. choices] : [.. choices];
        _chosen = Math.Max(0, Array.IndexOf(_choices, text));
    }

    internal override string Text => _choices[_chosen];

    internal override void Draw(Canvas canvas, int column, int row, int width, bool isFocused) =>
        canvas.Write(column, row, $"< {(Text.Length > 0 ? Text : "any")} >", isFocused ? Tone.Selected : Tone.Plain, width);

    internal override void Take(Key key)
    {
        int step = key.Kind == KeyKind.Left ? -1 : key.Kind == KeyKind.Right || key.Is(' ') ? 1 : 0;
        _chosen = (_chosen + step + _choices.Length) % _choices.Length;
        if (key.Kind == KeyKind.Letter && Array.FindIndex(_choices, choice => choice.StartsWith(key.Letter.ToString(), StringComparison.Ordinal)) is >= 0 and var first)
            _chosen = first;
    }
}

/// <summary>Yes or no.</summary>
internal sealed class FlagField(string label, string help) : Field(label, $"{help}. Space changes it")
{
    internal bool IsSet { get; private set; }

    internal override string Text => IsSet ? "yes" : "no";

    internal override void Draw(Canvas canvas, int column, int row, int width, bool isFocused) =>
        canvas.Write(column, row, $"[{(IsSet ? 'x' : ' ')}]", isFocused ? Tone.Selected : Tone.Plain, width);

    internal override void Take(Key key) => IsSet ^= key.Is(' ') || key.Kind is KeyKind.Left or KeyKind.Right;
}
