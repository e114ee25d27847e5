using System.Text;

namespace TlsPool.Protocol.Frames;

/// <summary>Strings in fixed-size fields.</summary>
internal static class FrameText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a NUL-terminated string; null if there is no NUL, or it is no UTF-8 free of control characters.</summary>
    internal static string? Read(ReadOnlySpan<byte> field)
    {
        int length = field.IndexOf((byte)0);
        return length < 0 ? null : Decode(field[..length]);
    }

    /// <summary>Reads a string that may fill its field to the last byte, as strncpy leaves it; null as in <see cref="Read"/>.</summary>
    internal static string? ReadUpToFull(ReadOnlySpan<byte> field)
    {
        int length = field.IndexOf((byte)0);
        return Decode(length < 0 ? field : field[..length]);
    }

    /// <summary>Writes a string that has to leave room for its NUL. The field has been zeroed.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    internal static void Write(string text, Span<byte> field)
    {
        if (Strict.GetByteCount(text) >= field.Length)
            throw new ArgumentException($"a text is longer than the {field.Length - 1} bytes of its field", nameof(text));
        Strict.GetBytes(text, field);
    }

    /// <summary>Writes a string that may fill its field to the last byte.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    internal static void WriteUpToFull(string text, Span<byte> field)
    {
        if (Strict.GetByteCount(text) > field.Length)
            throw new ArgumentException($"a text is longer than the {field.Length} bytes of its field", nameof(text));
        Strict.GetBytes(text, field);
    }

    /// <summary>Writes as much of a string as fits with its NUL, cut between two characters.</summary>
    internal static void WriteCut(string text, Span<byte> field) =>
        Encoding.UTF8.GetEncoder().Convert(text, field[..^1], flush: true, out _, out _, out _);

    private static string? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "";
        foreach (byte value in bytes)
            if (value < 0x20 || value == 0x7f)
                return null;
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Strict.GetString(bytes) : null;
    }
}
