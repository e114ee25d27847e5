namespace TlsPool.Crypto.Tokens;

/// <summary>What a token wants before it signs.</summary>
/// <param name="PinNeeded">False if it needs no login, or asks for the PIN on a pad of its own.</param>
/// <param name="Tries">Tries that are left.</param>
public sealed record TokenLogin(bool PinNeeded, PinTries Tries);
