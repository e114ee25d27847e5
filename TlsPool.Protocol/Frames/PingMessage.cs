namespace TlsPool.Protocol.Frames;

/// <summary><c>struct pioc_ping</c>.</summary>
/// <param name="Producer">Field <c>YYYYMMDD_producer</c>, at most 135 bytes.</param>
/// <param name="Facilities">Field <c>facilities</c>.</param>
public sealed record PingMessage(string Producer, Facilities Facilities) : Message
{
    /// <summary><c>TLSPOOL_IDENTITY_V2</c>.</summary>
    public const string IdentityV2 = "20151111api@tlspool.arpa2.net";
}
