using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// Drops the data that a client sent before it could know that this server takes none so early (RFC 8446 section 4.2.10): every protected
/// record before the first one that opens with the keys of the handshake.
/// </summary>
internal sealed class EarlyDataFilter
{
    private bool _isOver;

    /// <summary>Protection of the client's handshake messages; null until the server has answered with its keys.</summary>
    internal HandshakeCipher? Cipher { get; set; }

    /// <summary>True for a record to drop.</summary>
    internal bool Drops(ReadOnlySpan<byte> record)
    {
        if (_isOver || RecordHeader.Type(record) != ContentType.ApplicationData)
            return false;
        // After a HelloRetryRequest the second ClientHello is still to come.
        _isOver = Cipher is not null && Cipher.Opens(sequence: 0, record);
        return !_isOver;
    }
}
