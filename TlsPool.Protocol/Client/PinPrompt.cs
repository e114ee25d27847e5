namespace TlsPool.Protocol.Client;

/// <summary>The pool needs a PIN (behaviour.md, "PINENTRY"). Everything here comes from the pool and the token: show it, trust none of it.</summary>
/// <param name="Attempt">0 for the first time; each wrong PIN raises it.</param>
/// <param name="Prompt">What to say to the user.</param>
/// <param name="TokenManufacturer">The token's manufacturer.</param>
/// <param name="TokenModel">The token's model.</param>
/// <param name="TokenSerial">The token's serial number.</param>
/// <param name="TokenLabel">The token's label.</param>
public sealed record PinPrompt(
    uint Attempt, string Prompt, string TokenManufacturer, string TokenModel, string TokenSerial, string TokenLabel);
