using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>A token's actor tells its supervisor which token it has.</summary>
internal sealed record TokenFound(TokenDescription Token);

/// <summary>A token's actor tells its supervisor that the token takes no login.</summary>
internal sealed record TokenBlocked(LoginResult Login);

/// <summary>A token's actor tells its supervisor that it has failed, and waits for <see cref="UsePin"/>.</summary>
internal sealed record TokenRestarted
{
    internal static TokenRestarted Instance { get; } = new();
}

/// <summary>The supervisor tells a token's actor which PIN to use. Has no text form.</summary>
/// <param name="Pin">PIN in UTF-8; empty if none is known.</param>
/// <param name="Refused">How the token refused this PIN before; null if it has not.</param>
internal sealed record UsePin(ReadOnlyMemory<byte> Pin, LoginResult? Refused)
{
    public override string ToString() => nameof(UsePin);
}
