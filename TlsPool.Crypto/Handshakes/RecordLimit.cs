using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>The extension max_fragment_length (RFC 6066 section 4), which small devices ask for.</summary>
internal static class RecordLimit
{
    /// <summary>Most content bytes of a record.</summary>
    /// <param name="code">The negotiated code, 1 to 4; anything else if there is none.</param>
    internal static int Of(short code) => code is >= 1 and <= 4 ? 256 << code : RecordSealer.MaxContent;
}
