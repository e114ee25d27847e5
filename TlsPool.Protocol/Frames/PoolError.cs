namespace TlsPool.Protocol.Frames;

/// <summary>The closed set of error numbers a client may see, field <c>tlserrno</c> (wire-format.md, "Error codes").</summary>
public enum PoolError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary><c>E_TLSPOOL_OUT_OF_MEMORY</c>: TLS Pool ran out of memory.</summary>
    OutOfMemory = -1167372288,

    /// <summary><c>E_TLSPOOL_ENTANGLED_THREADS</c>: TLS Pool failed to start a thread.</summary>
    EntangledThreads = -1167372287,

    /// <summary><c>E_TLSPOOL_CLIENT_DISCONNECT</c>: TLS Pool connection closed.</summary>
    ClientDisconnect = -1167372286,

    /// <summary><c>E_TLSPOOL_CLIENT_REFUSES_CALLBACK</c>: TLS Pool client will not partake in callback.</summary>
    ClientRefusesCallback = -1167372285,

    /// <summary><c>E_TLSPOOL_COMMAND_NEEDED</c>: TLS Pool needs a command but got none.</summary>
    CommandNeeded = -1167372284,

    /// <summary><c>E_TLSPOOL_SUPERFLUOUS_SOCKET</c>: TLS Pool received a superfluous socket.</summary>
    SuperfluousSocket = -1167372283,

    /// <summary><c>E_TLSPOOL_CIPHER_SOCKET_NEEDED</c>: TLS Pool needs a ciphertext socket but got none.</summary>
    CipherSocketNeeded = -1167372282,

    /// <summary><c>E_TLSPOOL_PLAIN_SOCKET_NEEDED</c>: TLS Pool needs a plaintext socket but got none.</summary>
    PlainSocketNeeded = -1167372281,

    /// <summary><c>E_TLSPOOL_COMMAND_UNKNOWN</c>: TLS Pool command unrecognised.</summary>
    CommandUnknown = -1167372280,

    /// <summary><c>E_TLSPOOL_COMMAND_NOTIMPL</c>: TLS Pool command or variety not implemented.</summary>
    CommandNotImplemented = -1167372279,

    /// <summary><c>E_TLSPOOL_COMMAND_BAD_CALLBACK_RESPONSE</c>: TLS Pool command code unacceptable as callback response.</summary>
    CommandBadCallbackResponse = -1167372278,

    /// <summary><c>E_TLSPOOL_FACILITY_STARTTLS</c>: TLS Pool setup excludes STARTTLS facility.</summary>
    FacilityStartTls = -1167372277,

    /// <summary><c>E_TLSPOOL_FACILITY_STARTGSS</c>: TLS Pool setup excludes STARTGSS facility.</summary>
    FacilityStartGss = -1167372276,

    /// <summary><c>E_TLSPOOL_FACILITY_STARTSSH</c>: TLS Pool setup excludes STARTSSH facility.</summary>
    FacilityStartSsh = -1167372275,

    /// <summary><c>E_TLSPOOL_CTLKEY_REGISTRATION_FAILED</c>: TLS Pool failed to register control key for connection.</summary>
    ControlKeyRegistrationFailed = -1167372274,

    /// <summary><c>E_TLSPOOL_CTLKEY_NOT_FOUND</c>: TLS Pool cannot find the control key.</summary>
    ControlKeyNotFound = -1167372273,

    /// <summary><c>E_TLSPOOL_CTLKEY_NOT_YOURS</c>: TLS Pool does not grant you the control key.</summary>
    ControlKeyNotYours = -1167372272,

    /// <summary><c>E_TLSPOOL_CTLKEY_DETACHED</c>: TLS Pool found the control key already detached.</summary>
    ControlKeyDetached = -1167372271,

    /// <summary><c>E_TLSPOOL_CTLKEY_ATTACHED</c>: TLS Pool found the control key already attached.</summary>
    ControlKeyAttached = -1167372270,

    /// <summary><c>E_TLSPOOL_RENOGIATE_NOT_FOUND</c>: TLS Pool cannot find the connection to renegotiate.</summary>
    RenegotiateNotFound = -1167372269,

    /// <summary><c>E_TLSPOOL_RENOGIATE_NOT_INTERRUPTABLE</c>: TLS Pool cannot interrupt the connection to renegotiate.</summary>
    RenegotiateNotInterruptable = -1167372268,

    /// <summary><c>E_TLSPOOL_RENOGIATE_WOULD_BE_INSECURE</c>: TLS Pool cannot ask peer for secure renegotiation.</summary>
    RenegotiateWouldBeInsecure = -1167372267,

    /// <summary><c>E_TLSPOOL_CONNECTION_HANDLER_SETUP</c>: TLS Pool failed to setup the connection handler.</summary>
    ConnectionHandlerSetup = -1167372266,

    /// <summary><c>E_TLSPOOL_CONNECTION_DRIVER_SETUP</c>: TLS Pool failed to setup the TLS driver.</summary>
    ConnectionDriverSetup = -1167372265,

    /// <summary><c>E_TLSPOOL_STIRRED_NOT_SHAKEN</c>: TLS Pool and peer failed during the TLS handshake.</summary>
    StirredNotShaken = -1167372264,

    /// <summary><c>E_TLSPOOL_PRNG_UNAVAILABLE</c>: TLS Pool cannot use pseudo-random number generator.</summary>
    PrngUnavailable = -1167372263,

    /// <summary><c>E_TLSPOOL_LIDENTRY_NOT_VACANT</c>: TLS Pool has no vacancy for localid selection.</summary>
    LidEntryNotVacant = -1167372262,

    /// <summary><c>E_TLSPOOL_PINENTRY_NOT_VACANT</c>: TLS Pool has no vacancy for PIN entry.</summary>
    PinEntryNotVacant = -1167372261,

    /// <summary><c>E_TLSPOOL_INFOKIND_UNKNOWN</c>: TLS Pool does not support that kind of info.</summary>
    InfoKindUnknown = -1167372260,

    /// <summary><c>E_TLSPOOL_INFO_NOT_FOUND</c>: TLS Pool cannot answer the info query.</summary>
    InfoNotFound = -1167372259,
}
