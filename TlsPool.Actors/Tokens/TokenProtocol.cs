using TlsPool.Crypto.Keys;

namespace TlsPool.Actors.Tokens;

/// <summary>What sessions ask of tokens. Immutable messages without descriptors: the token may be on another host.</summary>
public static class TokenProtocol
{
    /// <summary>Make a signature. Answered by <see cref="Signed"/> or <see cref="SigningFailed"/> in bounded time.</summary>
    /// <param name="Request">What to sign.</param>
    /// <param name="Number">The asker's own, which the answer repeats: one that comes too late is known by it.</param>
    public sealed record Sign(SignatureRequest Request, long Number = 0)
    {
        /// <summary>Whose key it is, where an answer of another host has to be checked; null for keys of this host only.</summary>
        public Credential? Signer { get; init; }

        /// <summary>True if somebody else is asked where the token would have to be waited for: for its return, or for a PIN.</summary>
        public bool OnlyIfReady { get; init; }

        /// <summary>How long the answer is waited for, where that is less than the token would take: later nothing is signed. Null for as long as it takes.</summary>
        public TimeSpan? Patience { get; init; }
    }

    /// <summary>The signature.</summary>
    /// <param name="Signature">DER for ECDSA, raw for the others.</param>
    /// <param name="Number">That of <see cref="Sign"/>.</param>
    public sealed record Signed(ReadOnlyMemory<byte> Signature, long Number = 0);

    /// <summary>There is none.</summary>
    /// <param name="Reason">What happened and what to do; no secret.</param>
    /// <param name="Number">That of <see cref="Sign"/>.</param>
    public sealed record SigningFailed(string Reason, long Number = 0)
    {
        /// <summary>Whether others may do better.</summary>
        public SigningFault Fault { get; init; }
    }
}
