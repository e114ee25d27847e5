namespace TlsPool.Protocol.Frames;

/// <summary>Command codes, field <c>pio_cmd</c> (wire-format.md, "Commands"). <c>PIOC_STARTTLS_V2</c> is <see cref="StartTls"/>.</summary>
public enum Command : uint
{
    /// <summary><c>PIOC_SUCCESS_V2</c>. Positive final response without data.</summary>
    Success = 0x00000000,

    /// <summary><c>PIOC_ERROR_V2</c>. Negative final response, or refusal of a callback; body <see cref="ErrorMessage"/>.</summary>
    Error = 0x00000001,

    /// <summary><c>PIOC_PING_V2</c>. Identity and facilities; body <see cref="PingMessage"/>.</summary>
    Ping = 0x00000010,

    /// <summary><c>PIOC_STARTTLS_V2</c>. Starts TLS on the passed descriptor; body <see cref="StartTlsMessage"/>.</summary>
    StartTls = 0x00000024,

    /// <summary><c>PIOC_STARTTLS_LOCALID_V2</c>. Callback that proposes a local identity; body <see cref="StartTlsMessage"/>.</summary>
    StartTlsLocalId = 0x00000028,

    /// <summary><c>PIOC_PINENTRY_V2</c>. Offer, callback and answer of PIN entry; body <see cref="PinEntryMessage"/>.</summary>
    PinEntry = 0x00000029,

    /// <summary><c>PIOC_PLAINTEXT_CONNECT_V2</c>. Callback that asks for the plaintext descriptor; body <see cref="StartTlsMessage"/>.</summary>
    PlaintextConnect = 0x0000002a,

    /// <summary><c>PIOC_PRNG_V2</c>. Keying-material exporter of a session; body <see cref="PrngMessage"/>.</summary>
    Prng = 0x0000002b,

    /// <summary><c>PIOC_INFO_V2</c>. Fact about a session; body <see cref="InfoMessage"/>.</summary>
    Info = 0x0000002c,

    /// <summary><c>PIOC_CONTROL_DETACH_V2</c>. Gives up control of a session; body <see cref="ControlMessage"/>.</summary>
    ControlDetach = 0x00000100,

    /// <summary><c>PIOC_CONTROL_REATTACH_V2</c>. Takes control of a detached session; body <see cref="ControlMessage"/>.</summary>
    ControlReattach = 0x00000101,

    /// <summary><c>PIOC_LIDENTRY_REGISTER_V2</c>. Registers a local-identity chooser; body <see cref="LidEntryMessage"/>.</summary>
    LidEntryRegister = 0x00000200,

    /// <summary><c>PIOC_LIDENTRY_CALLBACK_V2</c>. Asks the local-identity chooser; body <see cref="LidEntryMessage"/>.</summary>
    LidEntryCallback = 0x00000201,

    /// <summary><c>PIOC_LOCAL</c>: the first of the numbers for experiments of one's own. No command by itself, and none is known here.</summary>
    Local = 0x80000000,
}
