using System.Security.Cryptography;

namespace TlsPool.Protocol.Frames;

/// <summary>
/// <c>struct pioc_pinentry</c>. The PIN is a secret: it is held as bytes that <see cref="ClearPin"/> overwrites, and has no text form.
/// </summary>
/// <param name="Flags">Field <c>flags</c>, reserved.</param>
/// <param name="Attempt">Field <c>attempt</c>: how often a PIN was asked for already.</param>
/// <param name="TimeoutMicroseconds">Field <c>timeout_us</c>.</param>
/// <param name="Pin">Field <c>pin</c> without its NUL, at most 127 bytes; empty for an offer or a refusal.</param>
/// <param name="Prompt">Field <c>prompt</c>, at most 127 bytes.</param>
/// <param name="TokenManufacturer">Field <c>token_manuf</c>, at most 35 bytes.</param>
/// <param name="TokenModel">Field <c>token_model</c>, at most 19 bytes.</param>
/// <param name="TokenSerial">Field <c>token_serial</c>, at most 19 bytes.</param>
/// <param name="TokenLabel">Field <c>token_label</c>, at most 35 bytes.</param>
public sealed record PinEntryMessage(
    uint Flags,
    uint Attempt,
    uint TimeoutMicroseconds,
    byte[] Pin,
    string Prompt,
    string TokenManufacturer,
    string TokenModel,
    string TokenSerial,
    string TokenLabel) : Message
{
    /// <summary>Overwrites the PIN.</summary>
    public void ClearPin() => CryptographicOperations.ZeroMemory(Pin);

    /// <summary>Equal fields and equal PINs, compared in constant time.</summary>
    public bool Equals(PinEntryMessage? other) =>
        other is not null && Flags == other.Flags && Attempt == other.Attempt && TimeoutMicroseconds == other.TimeoutMicroseconds
        && Prompt == other.Prompt && TokenManufacturer == other.TokenManufacturer && TokenModel == other.TokenModel
        && TokenSerial == other.TokenSerial && TokenLabel == other.TokenLabel && CryptographicOperations.FixedTimeEquals(Pin, other.Pin);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Flags, Attempt, TimeoutMicroseconds, TokenSerial, TokenLabel);

    /// <inheritdoc/>
    public override string ToString() => $"PinEntryMessage {TokenLabel} attempt {Attempt}";
}
