using TlsPool.Crypto.Records;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// The record openers of TLS 1.3, TLS 1.2 and CBC: a sealed record opens to what was sealed, any other is refused with an alert, and what an
/// opener says is inside the record. The first byte chooses the suite; records follow.
/// </summary>
internal sealed class RecordsTarget : FuzzTarget
{
    internal override string Name => "records";

    internal override IEnumerable<byte[]> Seeds()
    {
        for (int suite = 0; suite < SealedStream.SuiteCount; suite++)
        {
            byte head = (byte)suite;
            yield return [head, .. RecordScript.Write(RecordKind.Sealed, ContentType.ApplicationData, "hello"u8),
                .. RecordScript.WriteLong(RecordKind.Sealed, ContentType.ApplicationData, 7, RecordSealer.MaxContent),
                .. RecordScript.Write(RecordKind.KeyUpdate, ContentType.Handshake, []),
                .. RecordScript.Write(RecordKind.Sealed, ContentType.Alert, [1, 0])];
            yield return [head, .. RecordScript.Write(RecordKind.Damaged, ContentType.ApplicationData, "hello hello hello"u8)];
            yield return [head, .. RecordScript.WriteLong(RecordKind.Raw, ContentType.ApplicationData, 0, 64)];
            yield return [head, .. RecordScript.WriteLong(RecordKind.Raw, ContentType.ApplicationData, 0, 18000)];
        }
    }

    internal override void Run(byte[] input)
    {
        var reader = new InputReader(input);
        var stream = new SealedStream(reader.Byte());
        using RecordSealer sealer = stream.Sealer();
        using RecordOpener opener = stream.Opener();
        foreach (ScriptedRecord scripted in RecordScript.Read(ref reader, maxContent: 256 * 1024))
        {
            byte[] record = scripted.Make(sealer, stream.Is13);
            OpenedRecord opened;
            try
            {
                opened = opener.Open(record);
            }
            catch (RecordException exception)
            {
                Unless(scripted.Kind is RecordKind.Raw or RecordKind.Damaged || (stream.Is13 && scripted.Type == 0), "what was sealed opens");
                UnlessPrintable(exception.Message, "the reason");
                return;
            }
            Unless(scripted.Kind is not (RecordKind.Raw or RecordKind.Damaged), "what was not sealed does not open");
            Unless(
                opened.Offset >= RecordHeader.Size && opened.Length is >= 0 and <= RecordSealer.MaxContent
                && opened.Offset + opened.Length <= record.Length,
                "content is inside the record");
            if (scripted.Kind == RecordKind.KeyUpdate && stream.Is13)
            {
                opener.UpdateKeys();
                continue;
            }
            // In TLS 1.3 a type of zero is padding, and the type is looked for in front of it.
            if (stream.Is13 && scripted.Type == 0)
                continue;
            Unless((byte)opened.Type == scripted.Type, "the type is the one that was sealed");
            int size = Math.Min(scripted.Content.Length, RecordSealer.MaxContent);
            Unless(
                record.AsSpan(opened.Offset, opened.Length).SequenceEqual(scripted.Content.AsSpan(0, size)), "the content is what was sealed");
        }
    }
}
