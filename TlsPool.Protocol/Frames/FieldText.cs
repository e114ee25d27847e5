using System.Text;
using System.Text.Unicode;

namespace TlsPool.Protocol.Frames;

/// <summary>
/// Strings in fixed-size fields. Names and identities have to fit; descriptions, which only people read, are cut between two
/// characters, and what would upset a terminal or a log line in them becomes a question mark.
/// </summary>
internal static class FieldText
{
    private const byte Nul = 0;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes before the first NUL of a field; false if there is no NUL in it.</summary>
    internal static bool TryTerminate(ReadOnlySpan<byte> field, out ReadOnlySpan<byte> text)
    {
        int length = field.IndexOf(Nul);
        text = length < 0 ? default : field[..length];
        return length >= 0;
    }

    /// <summary>The bytes before the first NUL of a field, or the whole of a field that strncpy has filled.</summary>
    internal static ReadOnlySpan<byte> TerminateOrFill(ReadOnlySpan<byte> field) => TryTerminate(field, out ReadOnlySpan<byte> text) ? text : field;

    /// <summary>Decodes UTF-8 without control characters; false if it is anything else.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        if (bytes.IsEmpty)
            return true;
        if (!Utf8.IsValid(bytes))
            return false;
        text = Encoding.UTF8.GetString(bytes);
        return !HasControl(text);
    }

    /// <summary>Decodes a description of any bytes.</summary>
    internal static string DecodeDescription(ReadOnlySpan<byte> bytes) => Clean(Encoding.UTF8.GetString(bytes));

    /// <summary>Writes a string that has to leave room for its NUL. The field has been zeroed.</summary>
    /// <exception cref="ArgumentException">It does not fit, or is no text that the other side would accept.</exception>
    internal static void Write(Span<byte> field, string text, string name) => WriteWithin(field[..^1], text, name);

    /// <summary>Writes a string that may fill its field to the last byte.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Write"/>.</exception>
    internal static void WriteUnterminated(Span<byte> field, string text, string name) => WriteWithin(field, text, name);

    /// <summary>Writes as much of a description as fits with its NUL, cut between two characters.</summary>
    internal static void WriteDescription(Span<byte> field, string text) => Utf8.FromUtf16(Clean(text), field[..^1], out _, out _);

    private static void WriteWithin(Span<byte> room, string text, string name)
    {
        if (HasControl(text))
            throw new ArgumentException($"{name} has control characters in it", name);
        int size;
        try
        {
            size = Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException($"{name} has half of a surrogate pair in it", name);
        }
        if (size > room.Length)
            throw new ArgumentException($"{name} takes {size} bytes of UTF-8, and there is room for {room.Length}", name);
        Strict.GetBytes(text, room);
    }

    private static bool HasControl(string text)
    {
        foreach (char character in text)
        {
            if (char.IsControl(character))
                return true;
        }
        return false;
    }

    private static string Clean(string text)
    {
        if (!HasControl(text) && !text.Contains('\uFFFD'))
            return text;
        // One byte for one or more: a cleaned text never grows beyond the field it came from.
        return string.Create(text.Length, text, static (result, source) =>
        {
            for (int i = 0; i < result.Length; i++)
                result[i] = char.IsControl(source[i]) || source[i] == '\uFFFD' ? '?' : source[i];
        });
    }
}
