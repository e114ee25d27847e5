namespace TlsPool.Crypto.Tokens;

/// <summary>Result of one login.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Tries">What the token says afterwards about the tries that are left.</param>
/// <param name="Text">What happened and what to do; no secret.</param>
public sealed record LoginResult(LoginStatus Status, PinTries Tries, string Text)
{
    // Applications read these in 127 bytes: of a token only its label, and what to do is still there.

    /// <summary>The token has one try left, which is kept.</summary>
    public static LoginResult LastTryKept(TokenDescription token) => new(
        LoginStatus.LastTryKept, PinTries.Last, $"one more wrong PIN would lock token \"{token.Label}\": log in once with its own tools");

    /// <summary>The token is locked.</summary>
    public static LoginResult Locked(TokenDescription token) => new(
        LoginStatus.PinLocked, PinTries.None, $"the PIN of token \"{token.Label}\" is locked: unlock it with the token's own tools");
}
