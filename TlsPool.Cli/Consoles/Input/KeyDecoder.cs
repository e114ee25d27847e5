using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace TlsPool.Cli.Consoles.Input;

/// <summary>
/// Makes keys of what a terminal sends (ECMA-48; xterm's names of the keys), however it is split. What it does not know is left out. Keeps
/// nothing of what it has made keys of, as that may be a PIN.
/// </summary>
internal sealed class KeyDecoder
{
    private const byte Escape = 0x1b;
    private const int LongestSequence = 32;

    private readonly byte[] _kept = GC.AllocateArray<byte>(LongestSequence, pinned: true);
    private int _length;

    /// <summary>True if a key has begun whose end is not there: an Escape, unless more comes soon.</summary>
    internal bool IsWaiting => _length > 0;

    /// <summary>Takes what the terminal has sent.</summary>
    internal void Take(ReadOnlySpan<byte> bytes, Action<Key> pressed)
    {
        foreach (byte one in bytes)
            Take(one, pressed);
    }

    /// <summary>Nothing has come for a while: what has begun was an Escape.</summary>
    internal void Settle(Action<Key> pressed)
    {
        bool isEscape = IsWaiting && _kept[0] == Escape;
        Forget();
        if (isEscape)
            pressed(new Key(KeyKind.Escape));
    }

    private void Take(byte one, Action<Key> pressed)
    {
        if (_length == 1 && _kept[0] == Escape && one is not ((byte)'[' or (byte)'O'))
        {
            Forget();
            pressed(new Key(KeyKind.Escape));
        }
        _kept[_length++] = one;
        Key? key = null;
        bool isComplete = _kept[0] switch
        {
            Escape => EndsSequence(one, out key),
            < 0x20 or 0x7f => IsControl(one, out key),
            _ => EndsLetter(out key),
        };
        if (isComplete || _length == LongestSequence)
            Forget();
        if (key is { } whole)
            pressed(whole);
    }

    private bool EndsSequence(byte last, out Key? key)
    {
        key = null;
        if (_length < 3)
            return false;
        if (last is < 0x40 or > 0x7e)
            return false;
        ReadOnlySpan<byte> parameters = _kept.AsSpan(2, _length - 3);
        int end = parameters.IndexOf((byte)';');
        key = KindOf((char)last, Encoding.ASCII.GetString(end < 0 ? parameters : parameters[..end])) is { } kind ? new Key(kind) : null;
        return true;
    }

    private static KeyKind? KindOf(char final, string parameter) => (final, parameter) switch
    {
        ('A', _) => KeyKind.Up,
        ('B', _) => KeyKind.Down,
        ('C', _) => KeyKind.Right,
        ('D', _) => KeyKind.Left,
        ('H', _) or ('~', "1" or "7") => KeyKind.Home,
        ('F', _) or ('~', "4" or "8") => KeyKind.End,
        ('Z', _) => KeyKind.BackTab,
        ('M', "") => KeyKind.Enter,
        ('~', "3") => KeyKind.Delete,
        ('~', "5") => KeyKind.PageUp,
        ('~', "6") => KeyKind.PageDown,
        _ => null,
    };

    private static bool IsControl(byte control, out Key? key)
    {
        KeyKind? kind = control switch
        {
            (byte)'\r' or (byte)'\n' => KeyKind.Enter,
            (byte)'\t' => KeyKind.Tab,
            0x7f or 0x08 => KeyKind.Backspace,
            0x15 => KeyKind.Erase,
            0x0c => KeyKind.Redraw,
            0x01 => KeyKind.Home,
            0x05 => KeyKind.End,
            _ => null,
        };
        key = kind is { } known ? new Key(known) : null;
        return true;
    }

    private bool EndsLetter(out Key? key)
    {
        OperationStatus status = Rune.DecodeFromUtf8(_kept.AsSpan(0, _length), out Rune letter, out _);
        key = status == OperationStatus.Done ? new Key(KeyKind.Letter, letter) : null;
        return status != OperationStatus.NeedMoreData;
    }

    private void Forget()
    {
        CryptographicOperations.ZeroMemory(_kept);
        _length = 0;
    }
}
