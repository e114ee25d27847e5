namespace TlsPool.Crypto.Handshakes.Signing;

/// <summary>Reads numbers and vectors of the presentation language (RFC 5246 section 4). What is not there reads as nothing, and is remembered.</summary>
internal ref struct ContentReader(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> _rest = content;
    private bool _failed;

    /// <summary>True if everything was there, and nothing follows it.</summary>
    internal readonly bool IsDone => !_failed && _rest.IsEmpty;

    /// <summary>True if something is left to read.</summary>
    internal readonly bool HasMore => !_failed && !_rest.IsEmpty;

    /// <summary>The next byte, which stays where it is; -1 at the end.</summary>
    internal readonly int Next => HasMore ? _rest[0] : -1;

    /// <summary>A number of 1 to 3 bytes; -1 if there are not so many.</summary>
    internal int Number(int bytes)
    {
        ReadOnlySpan<byte> taken = Bytes(bytes);
        if (taken.Length < bytes)
            return -1;
        int number = 0;
        foreach (byte one in taken)
            number = (number << 8) | one;
        return number;
    }

    /// <summary>So many bytes; none if there are not so many.</summary>
    internal ReadOnlySpan<byte> Bytes(int count)
    {
        if (_failed || count < 0 || count > _rest.Length)
        {
            _failed = true;
            return [];
        }
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>A vector: a length of 1 to 3 bytes, and what it counts.</summary>
    internal ReadOnlySpan<byte> Vector(int lengthBytes) => Bytes(Number(lengthBytes));

    /// <summary>A vector with at least one byte in it.</summary>
    internal ReadOnlySpan<byte> FilledVector(int lengthBytes)
    {
        ReadOnlySpan<byte> taken = Vector(lengthBytes);
        _failed |= taken.IsEmpty;
        return taken;
    }
}
