using System.Security.Cryptography;

namespace TlsPool.Protocol.Frames;

/// <summary>
/// Collects the bytes of one frame after the other, however the stream cuts them. Read straight into <see cref="Room"/> and
/// <see cref="Advance"/>, or hand over what was read with <see cref="Accept"/>. Not thread safe.
/// </summary>
public sealed class FrameAssembler
{
    private readonly byte[] _frame = new byte[Frame.Size];
    private int _filled;

    /// <summary>Where the rest of the frame at hand goes; empty once it is complete. Never read more than this: descriptors belong to one frame.</summary>
    public Span<byte> Room => _frame.AsSpan(_filled);

    /// <summary>True once all <see cref="Frame.Size"/> bytes are there.</summary>
    public bool IsComplete => _filled == Frame.Size;

    /// <summary>True between two frames.</summary>
    public bool IsEmpty => _filled == 0;

    /// <summary>The complete frame, valid until <see cref="Clear"/>.</summary>
    /// <exception cref="InvalidOperationException">Bytes are missing.</exception>
    public ReadOnlySpan<byte> Bytes => IsComplete ? _frame : throw new InvalidOperationException("the frame is not complete");

    /// <summary>Counts bytes that were read into <see cref="Room"/>; true if they complete the frame.</summary>
    /// <param name="count">0 to the length of <see cref="Room"/>.</param>
    public bool Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Frame.Size - _filled);
        _filled += count;
        return IsComplete;
    }

    /// <summary>Takes bytes up to the end of the frame at hand.</summary>
    /// <returns>How many were taken; the others belong to the next frame.</returns>
    public int Accept(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, Frame.Size - _filled);
        bytes[..count].CopyTo(Room);
        _filled += count;
        return count;
    }

    /// <summary>Forgets the frame and overwrites it, since it may have held a PIN.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_frame.AsSpan(0, _filled));
        _filled = 0;
    }
}
