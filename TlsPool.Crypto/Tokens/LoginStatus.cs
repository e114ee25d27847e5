namespace TlsPool.Crypto.Tokens;

/// <summary>How a login ended: a closed set.</summary>
public enum LoginStatus
{
    /// <summary>Logged in.</summary>
    Ok,

    /// <summary>The token refused the PIN.</summary>
    WrongPin,

    /// <summary>The PIN is locked; it was not tried.</summary>
    PinLocked,

    /// <summary>One more failure would lock the PIN; it was not tried, as the pool never spends the last try on its own.</summary>
    LastTryKept,

    /// <summary>The token wants a PIN and none is known; nothing was tried.</summary>
    PinNeeded,

    /// <summary>The token is not there.</summary>
    Removed,

    /// <summary>Anything else.</summary>
    Failed,
}
