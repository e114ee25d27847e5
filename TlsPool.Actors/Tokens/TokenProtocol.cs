using TlsPool.Crypto.Keys;

namespace TlsPool.Actors.Tokens;

/// <summary>What sessions ask of tokens. Immutable messages without descriptors: the token may be on another host.</summary>
public static class TokenProtocol
{
    /// <summary>Make a signature. Answered by <see cref="Signed"/> or <see cref="SigningFailed"/> in bounded time.</summary>
    public sealed record Sign(SignatureRequest Request);

    /// <summary>The signature: DER for ECDSA, raw for the others.</summary>
    public sealed record Signed(ReadOnlyMemory<byte> Signature);

    /// <summary>There is none.</summary>
    /// <param name="Reason">What happened and what to do; no secret.</param>
    public sealed record SigningFailed(string Reason);
}
