using TlsPool.Crypto.Records;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>One record of an input: kind, length, content.</summary>
/// <param name="Kind">What to make of it.</param>
/// <param name="Type">Content type of a sealed record, or type in the header of a raw one.</param>
/// <param name="Content">What goes into it.</param>
internal readonly record struct ScriptedRecord(RecordKind Kind, byte Type, byte[] Content);

/// <summary>Kinds of scripted records.</summary>
internal enum RecordKind
{
    /// <summary>Sealed as it should be.</summary>
    Sealed,

    /// <summary>Sealed, then changed in one place.</summary>
    Damaged,

    /// <summary>Not sealed: the content is the record's body.</summary>
    Raw,

    /// <summary>Sealed key update, followed by the update (TLS 1.3).</summary>
    KeyUpdate,
}

/// <summary>Reads inputs that are scripts of records.</summary>
internal static class RecordScript
{
    private const byte KindMask = 0xc0;
    private const byte LongMask = 0x20;
    private const byte TypeMask = 0x1f;

    /// <summary>The records of an input, up to so many bytes of content.</summary>
    internal static List<ScriptedRecord> Read(ref InputReader input, int maxContent)
    {
        var records = new List<ScriptedRecord>();
        for (int content = 0; !input.IsAtEnd && content <= maxContent;)
        {
            byte head = input.Byte();
            var kind = (RecordKind)((head & KindMask) >> 6);
            int length = input.UInt16();
            // One byte stands for many: long records from short inputs.
            byte[] bytes = (head & LongMask) == 0
                ? input.Take(length).ToArray()
                : [.. Enumerable.Repeat(input.Byte(), Math.Min(length, RecordSealer.MaxContent + 4096))];
            content += bytes.Length + 64;
            records.Add(new ScriptedRecord(kind, (byte)(head & TypeMask), bytes));
        }
        return records;
    }

    /// <summary>Writes a script.</summary>
    internal static byte[] Write(RecordKind kind, ContentType type, ReadOnlySpan<byte> content) =>
        [(byte)(((int)kind << 6) | (byte)type), (byte)(content.Length >> 8), (byte)content.Length, .. content];

    /// <summary>Writes a record of many equal bytes.</summary>
    internal static byte[] WriteLong(RecordKind kind, ContentType type, byte value, int count) =>
        [(byte)(((int)kind << 6) | LongMask | (byte)type), (byte)(count >> 8), (byte)count, value];

    /// <summary>The bytes of a record on the wire.</summary>
    internal static byte[] Make(this ScriptedRecord record, RecordSealer sealer, bool is13)
    {
        switch (record.Kind)
        {
            case RecordKind.Raw:
                return SealedStream.Raw(record.Type, record.Content);
            case RecordKind.KeyUpdate when is13:
                byte[] update = SealedStream.Seal(sealer, ContentType.Handshake, [24, 0, 0, 1, (byte)(record.Type & 1)]);
                sealer.UpdateKeys();
                return update;
            case RecordKind.Damaged:
                byte[] damaged = SealedStream.Seal(sealer, (ContentType)record.Type, record.Content);
                // The type or the body: nobody looks at the version, and the length decides where the record ends.
                int at = record.Content.Length % (damaged.Length - RecordHeader.Size + 1);
                damaged[at == 0 ? 0 : RecordHeader.Size - 1 + at] ^= 0x40;
                return damaged;
            default:
                return SealedStream.Seal(sealer, (ContentType)record.Type, record.Content);
        }
    }
}
