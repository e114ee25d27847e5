using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What a record of a handshake has to look like before the engine sees it.</summary>
internal static class RecordRules
{
    private const byte FatalLevel = 2;
    private const byte MajorVersion = 3;

    /// <summary>Checks as much of a header as is there; null if nothing is wrong with it.</summary>
    internal static HandshakeFault? Check(ReadOnlySpan<byte> record, bool first)
    {
        if (!record.IsEmpty && !IsType(record[0], first))
            return NotTls(record, first);
        if (record.Length > 1 && record[1] != MajorVersion)
            return NotTls(record, first);
        if (record.Length >= RecordHeader.Size && RecordHeader.BodyLength(record) > RecordHeader.MaxBody12)
            return new HandshakeFault(AlertCode.RecordOverflow, FromPeer: false, "the peer sent a record that is too long");
        if (record.Length >= RecordHeader.Size && RecordHeader.BodyLength(record) == 0)
            return new HandshakeFault(AlertCode.UnexpectedMessage, FromPeer: false, "the peer sent an empty record");
        return null;
    }

    /// <summary>A fatal alert without protection.</summary>
    internal static byte[] PlainAlert(AlertCode alert) => [(byte)ContentType.Alert, MajorVersion, 3, 0, 2, FatalLevel, (byte)alert];

    private static bool IsType(byte type, bool first) => first
        ? (ContentType)type is ContentType.Handshake or ContentType.Alert
        : (ContentType)type is ContentType.Handshake or ContentType.Alert or ContentType.ChangeCipherSpec or ContentType.ApplicationData;

    private static HandshakeFault NotTls(ReadOnlySpan<byte> record, bool first) => new(
        first ? AlertCode.ProtocolVersion : AlertCode.UnexpectedMessage,
        FromPeer: false,
        first && (record[0] & 0x80) != 0 ? "the peer speaks SSL 2, which is not secure"
        : first ? "the peer does not speak TLS: is it a client for plain text?"
        : "the peer sent something that is no TLS record");
}
