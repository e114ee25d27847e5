using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TlsPool.Protocol.Frames;

/// <summary><c>struct pioc_prng</c>. Keying material is secret: it has no text form, and <see cref="ClearBuffer"/> overwrites it.</summary>
/// <param name="In1Length">Field <c>in1_len</c>: bytes of the label.</param>
/// <param name="In2Length">Field <c>in2_len</c>: bytes of the context, negative for none.</param>
/// <param name="PrngLength">Field <c>prng_len</c>: bytes wanted or given.</param>
/// <param name="Buffer">
/// Field <c>buffer</c>, up to 350 bytes: control key, label, context; in the answer the keying material. Zeros follow a shorter one.
/// </param>
public sealed record PrngMessage(short In1Length, short In2Length, short PrngLength, ReadOnlyMemory<byte> Buffer) : Message
{
    /// <summary><c>TLSPOOL_PRNGBUFLEN</c>.</summary>
    public const int BufferSize = 350;

    /// <summary>Largest <see cref="PrngLength"/>, and largest label or context (behaviour.md, "PRNG").</summary>
    public const int MaxLength = 254;

    /// <summary>Asks for keying material.</summary>
    /// <param name="controlKey">Key of an attached session.</param>
    /// <param name="label">Exporter label, at most 254 bytes.</param>
    /// <param name="context">Context, at most 254 bytes; null for none, which differs from an empty one.</param>
    /// <param name="length">Bytes wanted, 0 to 254.</param>
    /// <exception cref="ArgumentException">A length is out of range, or label and context do not fit beside the key.</exception>
    public static PrngMessage Request(ControlKey controlKey, ReadOnlySpan<byte> label, byte[]? context, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        int contextLength = context?.Length ?? 0;
        int total = ControlKey.Size + label.Length + contextLength;
        if (label.Length > MaxLength || contextLength > MaxLength || total > BufferSize)
            throw new ArgumentException($"label and context have up to {MaxLength} bytes each, {BufferSize - ControlKey.Size} together");
        byte[] buffer = new byte[total];
        controlKey.CopyTo(buffer);
        label.CopyTo(buffer.AsSpan(ControlKey.Size));
        context?.CopyTo(buffer, ControlKey.Size + label.Length);
        return new PrngMessage((short)label.Length, (short)(context?.Length ?? -1), (short)length, buffer);
    }

    /// <summary>Takes a request apart.</summary>
    /// <param name="controlKey">The session's key.</param>
    /// <param name="label">The exporter label.</param>
    /// <param name="context">The context; null for none.</param>
    /// <returns>False if a length is out of range or the parts do not fit: PRNG_UNAVAILABLE.</returns>
    public bool TryReadRequest(out ControlKey controlKey, out ReadOnlyMemory<byte> label, out ReadOnlyMemory<byte>? context)
    {
        (controlKey, label, context) = (default, default, null);
        int contextLength = Math.Max((int)In2Length, 0);
        if (In1Length is < 0 or > MaxLength || contextLength > MaxLength || PrngLength is < 0 or > MaxLength
            || ControlKey.Size + In1Length + contextLength > Buffer.Length)
        {
            return false;
        }
        controlKey = new ControlKey(Buffer.Span[..ControlKey.Size]);
        label = Buffer.Slice(ControlKey.Size, In1Length);
        if (In2Length >= 0)
            context = Buffer.Slice(ControlKey.Size + In1Length, In2Length);
        return true;
    }

    /// <summary>Overwrites the buffer.</summary>
    public void ClearBuffer() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(Buffer).Span);

    /// <summary>Equal fields and equal bytes, compared in constant time.</summary>
    public bool Equals(PrngMessage? other) =>
        other is not null && In1Length == other.In1Length && In2Length == other.In2Length && PrngLength == other.PrngLength
        && CryptographicOperations.FixedTimeEquals(Buffer.Span, other.Buffer.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(In1Length, In2Length, PrngLength);

    /// <inheritdoc/>
    public override string ToString() => $"PrngMessage {In1Length} {In2Length} {PrngLength}";
}
