namespace TlsPool.Crypto.Tokens;

/// <summary>Result of one login.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Tries">What the token says afterwards about the tries that are left.</param>
/// <param name="Text">What happened and what to do; no secret.</param>
public sealed record LoginResult(LoginStatus Status, PinTries Tries, string Text);
