using System.Buffers.Binary;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// Changes to the handshake records of a peer, from an input: which record (1 byte; its high bit says that the message's length is put
/// right afterwards), where (2), how many bytes go (2), how many come (2), those bytes.
/// </summary>
internal sealed class Tampering
{
    private const byte RecordMask = 0x7f;
    private const int HeaderSize = 4;
    private const int MaxRecord = 16384;

    private readonly List<Change> _changes = [];
    private int _record;

    internal Tampering(ref InputReader input)
    {
        while (!input.IsAtEnd)
        {
            byte record = input.Byte();
            _changes.Add(new Change(record & RecordMask, record > RecordMask, input.UInt16(), input.UInt16(), input.Take(input.UInt16()).ToArray()));
        }
    }

    /// <summary>True if nothing was changed so far.</summary>
    internal bool IsHonest { get; private set; } = true;

    /// <summary>Writes a change.</summary>
    internal static byte[] Write(int record, bool fixLength, int offset, int remove, ReadOnlySpan<byte> insert) =>
    [
        (byte)(record | (fixLength ? RecordMask + 1 : 0)), (byte)(offset >> 8), (byte)offset, (byte)(remove >> 8), (byte)remove,
        (byte)(insert.Length >> 8), (byte)insert.Length, .. insert,
    ];

    /// <summary>The next record, changed.</summary>
    internal byte[] Apply(ReadOnlySpan<byte> content)
    {
        int record = _record++;
        List<byte> bytes = [.. content];
        bool fix = false;
        foreach (Change change in _changes.Where(change => change.Record == record))
        {
            int at = Math.Min(change.Offset, bytes.Count);
            bytes.RemoveRange(at, Math.Min(change.Remove, bytes.Count - at));
            bytes.InsertRange(at, change.Insert);
            fix |= change.FixLength;
        }
        byte[] changed = [.. bytes.Take(MaxRecord)];
        if (fix && changed.Length >= HeaderSize)
        {
            Span<byte> length = stackalloc byte[HeaderSize];
            BinaryPrimitives.WriteInt32BigEndian(length, changed.Length - HeaderSize);
            length[1..].CopyTo(changed.AsSpan(1));
        }
        IsHonest &= content.SequenceEqual(changed);
        return changed;
    }

    private sealed record Change(int Record, bool FixLength, int Offset, int Remove, byte[] Insert);
}
