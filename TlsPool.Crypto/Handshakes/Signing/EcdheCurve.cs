using Org.BouncyCastle.Tls;

namespace TlsPool.Crypto.Handshakes.Signing;

/// <summary>The curves that this engine offers for TLS 1.2, as its messages carry them (RFC 8422 section 5.4).</summary>
internal static class EcdheCurve
{
    private const byte NamedCurve = 3;
    private const byte Uncompressed = 4;

    /// <summary>Reads ServerECDHParams: curve type (1), named group (2), length (1) and point.</summary>
    /// <returns>Length of the point in bytes; 0 if it is not of a curve that is offered, or has another form.</returns>
    internal static int ReadParameters(ref ContentReader reader)
    {
        int type = reader.Number(1);
        int size = SizeOf(reader.Number(2));
        return type == NamedCurve && size > 0 && IsPoint(reader.Vector(1), size) ? size : 0;
    }

    /// <summary>True for a point of a length: uncompressed on a NIST curve, bare on x25519. Whether it is on the curve is the peer's to check.</summary>
    internal static bool IsPoint(ReadOnlySpan<byte> point, int size) => point.Length == size && (size == 32 || point[0] == Uncompressed);

    private static int SizeOf(int group) => group switch
    {
        NamedGroup.x25519 => 32,
        NamedGroup.secp256r1 => 65,
        NamedGroup.secp384r1 => 97,
        _ => 0,
    };
}
