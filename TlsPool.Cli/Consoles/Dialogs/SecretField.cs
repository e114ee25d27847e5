using System.Security.Cryptography;
using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>A secret: it does not show, and is overwritten when the form is over.</summary>
internal sealed class SecretField(string label, string help) : Field(label, help)
{
    private const int Longest = 512;

    private readonly byte[] _typed = GC.AllocateArray<byte>(Longest, pinned: true);
    private int _length;
    private int _letters;

    /// <summary>Not told.</summary>
    internal override string Text => "";

    /// <summary>A copy for the caller to overwrite; null if nothing was typed.</summary>
    internal byte[]? Secret => _length == 0 ? null : _typed.AsSpan(0, _length).ToArray();

    internal override void Draw(Canvas canvas, int column, int row, int width, bool isFocused)
    {
        canvas.Clear(column, row, width, Tone.Field);
        int end = canvas.Write(column, row, new string('*', Math.Min(_letters, width - 1)), Tone.Field, width);
        if (isFocused)
            canvas.Write(end, row, " ", Tone.Selected, column + width - end);
    }

    internal override void Take(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Letter when _length + key.Letter.Utf8SequenceLength <= Longest:
                _length += key.Letter.EncodeToUtf8(_typed.AsSpan(_length));
                _letters++;
                break;
            case KeyKind.Backspace when _length > 0:
                while (IsContinuation(_typed[_length - 1]))
                    _typed[--_length] = 0;
                _typed[--_length] = 0;
                _letters--;
                break;
            case KeyKind.Erase:
                Forget();
                break;
        }
    }

    internal override void Forget()
    {
        CryptographicOperations.ZeroMemory(_typed);
        (_length, _letters) = (0, 0);
    }

    // UTF-8 (RFC 3629 section 3)
    private static bool IsContinuation(byte one) => (one & 0xc0) == 0x80;
}
