namespace TlsPool.Crypto.Tokens;

/// <summary>Why a token did not do what it was asked for: a closed set.</summary>
public enum TokenFault
{
    /// <summary>The token is not there, or does not answer.</summary>
    Removed,

    /// <summary>The session with the token ended; opening a new one may help.</summary>
    SessionLost,

    /// <summary>Nobody is logged in: the PIN is not known yet, or was not entered.</summary>
    NotLoggedIn,

    /// <summary>The token refused the PIN. It is not tried again until somebody gives another one.</summary>
    WrongPin,

    /// <summary>The PIN is locked, or one more failure would lock it.</summary>
    PinLocked,

    /// <summary>No private key is what the reference says.</summary>
    KeyNotFound,

    /// <summary>Several private keys are what the reference says.</summary>
    KeyAmbiguous,

    /// <summary>The token or the key cannot make this signature.</summary>
    MechanismMissing,

    /// <summary>More is asked of the token than it can do in time.</summary>
    Busy,

    /// <summary>The token did not answer in time.</summary>
    TimedOut,

    /// <summary>Anything else; the text has the token's own words.</summary>
    Failed,
}
