namespace TlsPool.Crypto.Tokens;

/// <summary>What a token says about the tries that are left for its user PIN (CKF_USER_PIN_ flags).</summary>
public enum PinTries
{
    /// <summary>Nothing was tried in vain since the last success, or the token does not say.</summary>
    Full,

    /// <summary>A wrong PIN was entered since the last success (CKF_USER_PIN_COUNT_LOW).</summary>
    Low,

    /// <summary>One more wrong PIN locks it (CKF_USER_PIN_FINAL_TRY).</summary>
    Last,

    /// <summary>It is locked (CKF_USER_PIN_LOCKED).</summary>
    None,
}
