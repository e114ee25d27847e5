using System.Security.Cryptography;

namespace TlsPool.Protocol.Frames;

/// <summary>
/// The 16 random bytes (<c>ctlkey</c>) that an application chooses for a session and later proves control with.
/// Equality takes constant time; the hash code is seeded per process, so bucket order tells nothing.
/// </summary>
public readonly struct ControlKey : IEquatable<ControlKey>
{
    /// <summary>Size in bytes: <c>TLSPOOL_CTLKEYLEN</c>.</summary>
    public const int Size = 16;

    private readonly UInt128 _value;

    /// <summary>Copies a key.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">Any other length.</exception>
    public ControlKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"a control key has {Size} bytes, not {bytes.Length}", nameof(bytes));
        _value = System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(bytes);
    }

    /// <summary>True for the all-zero key of an application that asked for no control.</summary>
    public bool IsZero => Equals(default);

    /// <summary>A fresh key from the operating system's random source.</summary>
    public static ControlKey Random()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return new ControlKey(bytes);
    }

    /// <summary>Writes the key.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination) =>
        System.Runtime.InteropServices.MemoryMarshal.Write(destination, in _value);

    /// <inheritdoc/>
    public bool Equals(ControlKey other)
    {
        Span<byte> mine = stackalloc byte[Size];
        Span<byte> theirs = stackalloc byte[Size];
        CopyTo(mine);
        other.CopyTo(theirs);
        return CryptographicOperations.FixedTimeEquals(mine, theirs);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ControlKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        Span<byte> mine = stackalloc byte[Size];
        CopyTo(mine);
        var hash = new HashCode();
        hash.AddBytes(mine);
        return hash.ToHashCode();
    }

    /// <summary>Never the key itself: it is a secret of the application.</summary>
    public override string ToString() => "ctlkey";

    /// <summary>Constant-time equality.</summary>
    public static bool operator ==(ControlKey left, ControlKey right) => left.Equals(right);

    /// <summary>Constant-time inequality.</summary>
    public static bool operator !=(ControlKey left, ControlKey right) => !left.Equals(right);
}
