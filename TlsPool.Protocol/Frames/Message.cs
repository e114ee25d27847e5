namespace TlsPool.Protocol.Frames;

/// <summary>The body of a frame, field <c>pio_data</c>. Immutable; strings are free of NUL and of control over the buffer they came from.</summary>
public abstract record Message;

/// <summary>No body: SUCCESS, and commands whose body this side does not look at. Encoded as zeros.</summary>
public sealed record EmptyMessage : Message
{
    /// <summary>The one instance.</summary>
    public static EmptyMessage Instance { get; } = new();
}

/// <summary><c>struct pioc_error</c>.</summary>
/// <param name="Code">Field <c>tlserrno</c>.</param>
/// <param name="Text">Field <c>message</c>, at most 127 bytes of UTF-8; a longer text is cut at a character when encoded.</param>
public sealed record ErrorMessage(PoolError Code, string Text) : Message;

/// <summary><c>struct pioc_ping</c>.</summary>
/// <param name="Producer">Field <c>YYYYMMDD_producer</c>, at most 135 bytes.</param>
/// <param name="Facilities">Field <c>facilities</c>.</param>
public sealed record PingMessage(string Producer, Facilities Facilities) : Message
{
    /// <summary><c>TLSPOOL_IDENTITY_V2</c>.</summary>
    public const string IdentityV2 = "20151111api@tlspool.arpa2.net";
}

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
    /// <summary><c>TLSPOOL_TIMEOUT_DEFAULT</c>.</summary>
    public const uint TimeoutDefault = 0;

    /// <summary><c>TLSPOOL_TIMEOUT_INFINITE</c>.</summary>
    public const uint TimeoutInfinite = uint.MaxValue;
}

/// <summary><c>struct pioc_lidentry</c>.</summary>
/// <param name="Flags">Field <c>flags</c>.</param>
/// <param name="MaxLevels">Field <c>maxlevels</c>: levels of generalisation.</param>
/// <param name="Timeout">Field <c>timeout</c> in seconds.</param>
/// <param name="LocalId">Field <c>localid</c>, at most 127 bytes.</param>
/// <param name="RemoteId">Field <c>remoteid</c>, at most 127 bytes: a selector where generalised.</param>
public sealed record LidEntryMessage(LidEntryFlags Flags, ushort MaxLevels, uint Timeout, string LocalId, string RemoteId) : Message;

/// <summary><c>struct pioc_control</c>.</summary>
/// <param name="Flags">Field <c>flags</c>.</param>
/// <param name="ControlKey">Field <c>ctlkey</c>.</param>
/// <param name="Name">Field <c>name</c>, at most 127 bytes.</param>
public sealed record ControlMessage(uint Flags, ControlKey ControlKey, string Name) : Message;

/// <summary><c>struct pioc_prng</c>. Keying material is secret: it has no text form.</summary>
/// <param name="In1Length">Field <c>in1_len</c>: bytes of the label.</param>
/// <param name="In2Length">Field <c>in2_len</c>: bytes of the context, negative for none.</param>
/// <param name="PrngLength">Field <c>prng_len</c>: bytes wanted or given.</param>
/// <param name="Buffer">Field <c>buffer</c>, 350 bytes: control key, label, context; in the answer the keying material.</param>
public sealed record PrngMessage(short In1Length, short In2Length, short PrngLength, ReadOnlyMemory<byte> Buffer) : Message
{
    /// <summary><c>TLSPOOL_PRNGBUFLEN</c>.</summary>
    public const int BufferSize = 350;

    /// <inheritdoc/>
    public override string ToString() => $"PrngMessage {In1Length} {In2Length} {PrngLength}";
}

/// <summary><c>struct pioc_info</c>.</summary>
/// <param name="ControlKey">Field <c>ctlkey</c>.</param>
/// <param name="Kind">Field <c>info_kind</c>.</param>
/// <param name="Length">Field <c>len</c>: <see cref="Query"/> asks, anything else is the length of a value to check.</param>
/// <param name="Buffer">Field <c>buffer</c>, 334 bytes.</param>
public sealed record InfoMessage(ControlKey ControlKey, InfoKind Kind, ushort Length, ReadOnlyMemory<byte> Buffer) : Message
{
    /// <summary><c>TLSPOOL_INFOBUFLEN</c>.</summary>
    public const int BufferSize = 334;

    /// <summary>Value of <see cref="Length"/> that asks for the value.</summary>
    public const ushort Query = 0xffff;
}
