using System.Security.Cryptography;
using Akka.Actor;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Entry;

/// <summary>
/// Messages of PIN entry (behaviour.md, "PINENTRY"). Immutable and without descriptors, as tokens may be on other hosts. Who gets a PIN
/// overwrites it once it has been used. Between nodes PINs are sealed; actors that a message names do not cross, as its sender says it.
/// </summary>
public static class PinProtocol
{
    /// <summary>What a token or a connection sends to the <see cref="PinEntryActor"/>.</summary>
    public interface IPinEntryMessage : IClusterMessage;

    /// <summary>A token wants a PIN, or another one. Answered by <see cref="Asked"/>, then <see cref="Entered"/> or <see cref="Refused"/>.</summary>
    /// <param name="Manufacturer">The token's manufacturer.</param>
    /// <param name="Model">Its model.</param>
    /// <param name="Serial">Its serial number.</param>
    /// <param name="Label">Its label.</param>
    /// <param name="Prompt">What to say to the person.</param>
    /// <param name="Attempt">Wrong PINs so far.</param>
    public sealed record Ask(string Manufacturer, string Model, string Serial, string Label, string Prompt, uint Attempt) : IPinEntryMessage;

    /// <summary>A token does not want a PIN any more.</summary>
    public sealed record Withdraw : IPinEntryMessage
    {
        internal static Withdraw Instance { get; } = new();
    }

    /// <summary>A token has tried what was entered, and does not ask again: the next token may.</summary>
    public sealed record Tried : IPinEntryMessage
    {
        internal static Tried Instance { get; } = new();
    }

    /// <summary>To the <see cref="PinEntryActor"/>: another one takes its place, and it ends once all who wait have been told.</summary>
    internal sealed record Cease
    {
        internal static Cease Instance { get; } = new();
    }

    /// <summary>To a token: who was to ask for its PIN has gone. It asks again at once, and nobody who waits for it is failed.</summary>
    public sealed record AskAgain : IClusterMessage
    {
        internal static AskAgain Instance { get; } = new();
    }

    /// <summary>To a token: a program has its question now.</summary>
    public sealed record Asked : IClusterMessage
    {
        internal static Asked Instance { get; } = new();
    }

    /// <summary>To a token: somebody has entered a PIN. Answered by <see cref="Tried"/> or <see cref="Ask"/>. Has no text form.</summary>
    /// <param name="Pin">The PIN in UTF-8.</param>
    /// <param name="By">The program that it came from.</param>
    public sealed record Entered(byte[] Pin, PeerCredentials By) : IClusterMessage
    {
        /// <summary>Node whose process the program is; empty for this host.</summary>
        public string Node { get; init; } = "";

        /// <summary>True if the PIN can be read by the token's node only.</summary>
        internal bool IsSealed { get; init; }

        /// <inheritdoc/>
        public override string ToString() => nameof(Entered);

        internal void Clear() => CryptographicOperations.ZeroMemory(Pin);
    }

    /// <summary>To a token: somebody has refused to enter a PIN.</summary>
    /// <param name="Reason">Who, and what to do.</param>
    public sealed record Refused(string Reason) : IClusterMessage;

    /// <summary>A program offers to enter PINs. Answered by <see cref="OfferDone"/>.</summary>
    internal sealed record Offer(IActorRef Connection, ushort RequestId, PeerCredentials Program, TimeSpan Timeout) : IPinEntryMessage;

    /// <summary>A program has answered a question, which is at once its next offer. Answered by <see cref="OfferDone"/>. Has no text form.</summary>
    internal sealed record Answer(Offer Next, long Question, byte[] Pin) : IPinEntryMessage
    {
        /// <summary>True if the PIN can be read by the token's node only.</summary>
        internal bool IsSealed { get; init; }

        public override string ToString() => nameof(Answer);

        internal void Clear() => CryptographicOperations.ZeroMemory(Pin);
    }

    /// <summary>A program has answered a question with nonsense.</summary>
    internal sealed record Spoiled(long Question) : IPinEntryMessage;

    /// <summary>A program resigns.</summary>
    internal sealed record Resign(IActorRef Connection) : IPinEntryMessage;

    /// <summary>To a connection: what was sent about an offer is done.</summary>
    /// <param name="RequestId">The offer.</param>
    /// <param name="Fault">Why it was not taken; null if it was.</param>
    internal sealed record OfferDone(ushort RequestId, PoolFault? Fault) : IClusterMessage;

    /// <summary>To a connection: an open offer has ended.</summary>
    internal sealed record OfferEnded(ushort RequestId, PoolFault Fault) : IClusterMessage;

    /// <summary>To a connection: ask its program.</summary>
    /// <param name="RequestId">The offer that this answers.</param>
    /// <param name="Body">The question.</param>
    /// <param name="Number">Its number.</param>
    internal sealed record Question(ushort RequestId, PinEntryMessage Body, long Number) : IClusterMessage
    {
        /// <summary>The token that wants the PIN.</summary>
        internal IActorRef Token { get; init; } = ActorRefs.Nobody;
    }

    /// <summary>To a connection: an answer would come too late.</summary>
    internal sealed record Expire(long Number) : IClusterMessage;
}
