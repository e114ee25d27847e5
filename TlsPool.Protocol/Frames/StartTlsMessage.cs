namespace TlsPool.Protocol.Frames;

/// <summary><c>struct pioc_starttls</c>: STARTTLS, STARTTLS_LOCALID and PLAINTEXT_CONNECT.</summary>
/// <param name="Flags">Field <c>flags</c>; undefined bits are kept and ignored.</param>
/// <param name="Local">Field <c>local</c>: bits reserved for the application's own use, echoed.</param>
/// <param name="IpProtocol">Field <c>ipproto</c>: 6 TCP, 17 UDP, 132 SCTP.</param>
/// <param name="StreamId">Field <c>streamid</c> (SCTP).</param>
/// <param name="LocalId">Field <c>localid</c>, at most 127 bytes.</param>
/// <param name="RemoteId">Field <c>remoteid</c>, at most 127 bytes.</param>
/// <param name="ControlKey">Field <c>ctlkey</c>.</param>
/// <param name="Service">Field <c>service</c>: IANA service name; 16 bytes, not necessarily NUL-terminated.</param>
/// <param name="Timeout">Field <c>timeout</c> in milliseconds; 0 the default, all ones none.</param>
public sealed record StartTlsMessage(
    StartTlsFlags Flags,
    uint Local,
    byte IpProtocol,
    ushort StreamId,
    string LocalId,
    string RemoteId,
    ControlKey ControlKey,
    string Service,
    uint Timeout) : Message
{
    /// <summary><c>TLSPOOL_SERVICELEN</c>: a name of 15 characters and its NUL, or 16 bytes without one.</summary>
    public const int ServiceSize = 16;

    /// <summary><c>TLSPOOL_TIMEOUT_DEFAULT</c>.</summary>
    public const uint TimeoutDefault = 0;

    /// <summary><c>TLSPOOL_TIMEOUT_INFINITE</c>.</summary>
    public const uint TimeoutInfinite = uint.MaxValue;
}
