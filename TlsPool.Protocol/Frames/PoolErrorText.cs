namespace TlsPool.Protocol.Frames;

/// <summary>The standard texts of <see cref="PoolError"/>.</summary>
public static class PoolErrorText
{
    /// <summary>The protocol's own text for an error number; the number itself where it is unknown.</summary>
    public static string Describe(PoolError error) => error switch
    {
        PoolError.OutOfMemory => "TLS Pool ran out of memory",
        PoolError.EntangledThreads => "TLS Pool failed to start a thread",
        PoolError.ClientDisconnect => "TLS Pool connection closed",
        PoolError.ClientRefusesCallback => "TLS Pool client will not partake in callback",
        PoolError.CommandNeeded => "TLS Pool needs a command but got none",
        PoolError.SuperfluousSocket => "TLS Pool received a superfluous socket",
        PoolError.CipherSocketNeeded => "TLS Pool needs a ciphertext socket but got none",
        PoolError.PlainSocketNeeded => "TLS Pool needs a plaintext socket but got none",
        PoolError.CommandUnknown => "TLS Pool command unrecognised",
        PoolError.CommandNotImplemented => "TLS Pool command or variety not implemented",
        PoolError.CommandBadCallbackResponse => "TLS Pool command code unacceptable as callback response",
        PoolError.FacilityStartTls => "TLS Pool setup excludes STARTTLS facility",
        PoolError.FacilityStartGss => "TLS Pool setup excludes STARTGSS facility",
        PoolError.FacilityStartSsh => "TLS Pool setup excludes STARTSSH facility",
        PoolError.ControlKeyRegistrationFailed => "TLS Pool failed to register control key for connection",
        PoolError.ControlKeyNotFound => "TLS Pool cannot find the control key",
        PoolError.ControlKeyNotYours => "TLS Pool does not grant you the control key",
        PoolError.ControlKeyDetached => "TLS Pool found the control key already detached",
        PoolError.ControlKeyAttached => "TLS Pool found the control key already attached",
        PoolError.RenegotiateNotFound => "TLS Pool cannot find the connection to renegotiate",
        PoolError.RenegotiateNotInterruptable => "TLS Pool cannot interrupt the connection to renegotiate",
        PoolError.RenegotiateWouldBeInsecure => "TLS Pool cannot ask peer for secure renegotiation",
        PoolError.ConnectionHandlerSetup => "TLS Pool failed to setup the connection handler",
        PoolError.ConnectionDriverSetup => "TLS Pool failed to setup the TLS driver",
        PoolError.StirredNotShaken => "TLS Pool and peer failed during the TLS handshake",
        PoolError.PrngUnavailable => "TLS Pool cannot use pseudo-random number generator",
        PoolError.LidEntryNotVacant => "TLS Pool has no vacancy for localid selection",
        PoolError.PinEntryNotVacant => "TLS Pool has no vacancy for PIN entry",
        PoolError.InfoKindUnknown => "TLS Pool does not support that kind of info",
        PoolError.InfoNotFound => "TLS Pool cannot answer the info query",
        _ => ((int)error).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
