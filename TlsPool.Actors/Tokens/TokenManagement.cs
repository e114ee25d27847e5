using System.Security.Cryptography;
using Akka.Actor;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Tokens;

/// <summary>What people who manage the pool ask of tokens. Messages in this process only.</summary>
internal static class TokenManagement
{
    /// <summary>To the supervisor. Answered by <see cref="Tokens"/>.</summary>
    internal sealed record List
    {
        internal static List Instance { get; } = new();
    }

    /// <summary>All tokens.</summary>
    internal sealed record Tokens(IReadOnlyList<Member> Members);

    /// <summary>A token.</summary>
    /// <param name="Actor">Its actor.</param>
    /// <param name="Uri">Its URI, without a PIN.</param>
    /// <param name="Module">The module; empty for the built-in key store.</param>
    internal sealed record Member(IActorRef Actor, string Uri, string Module);

    /// <summary>To a token. Answered by <see cref="Described"/>.</summary>
    internal sealed record Describe
    {
        internal static Describe Instance { get; } = new();
    }

    /// <summary>How a token is.</summary>
    /// <param name="State">ready, searching, awaiting-pin, blocked or logged-out.</param>
    /// <param name="Reason">Why it is not ready; empty if it is.</param>
    /// <param name="Waiting">Signatures that wait.</param>
    /// <param name="Signatures">Signatures made since the actor started.</param>
    internal sealed record Described(string State, string Reason, int Waiting, long Signatures);

    /// <summary>To a token: log in. Answered by <see cref="Outcome"/>. Has no text form.</summary>
    /// <param name="Pin">PIN in UTF-8, which the receiver overwrites; null for the PIN of the configuration, or a person's.</param>
    /// <param name="By">Who wants it; null for nobody of this host.</param>
    internal sealed record LogIn(byte[]? Pin, PeerCredentials? By)
    {
        public override string ToString() => nameof(LogIn);

        internal void Clear() => CryptographicOperations.ZeroMemory(Pin);
    }

    /// <summary>To a token: log out, and stay so. Answered by <see cref="Outcome"/>.</summary>
    /// <param name="By">Who wants it, for those who wait for signatures.</param>
    internal sealed record LogOut(string By);

    /// <summary>What became of it.</summary>
    /// <param name="IsDone">True if it was done.</param>
    /// <param name="Text">What was done, or why not.</param>
    internal sealed record Outcome(bool IsDone, string Text);
}
