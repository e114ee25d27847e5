using Akka.Actor;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Sessions;

/// <content>What is done with a control key. All of it is answered by <see cref="ControlDone"/>.</content>
public static partial class SessionProtocol
{
    /// <summary>To the registry: give up control.</summary>
    public sealed record Detach(ControlKey Key, IActorRef Connection, ushort RequestId, PeerCredentials Application);

    /// <summary>To the registry: take control.</summary>
    public sealed record Reattach(ControlKey Key, IActorRef Connection, ushort RequestId, PeerCredentials Application);

    /// <summary>To the registry, and from it to the session if its controlling connection asks: PRNG or INFO.</summary>
    public sealed record AskFact(ControlKey Key, Message Question, IActorRef Connection, ushort RequestId, PeerCredentials Application);

    /// <summary>Outcome of what was asked about a control key.</summary>
    /// <param name="RequestId">The request.</param>
    /// <param name="Fault">Why it failed, or null.</param>
    /// <param name="Answer">The answer to <see cref="AskFact"/>.</param>
    public sealed record ControlDone(ushort RequestId, PoolFault? Fault, Message? Answer = null);

    /// <summary>To a connection: the renewal that it asked for has begun; <see cref="RenewalDone"/> will follow.</summary>
    public sealed record RenewalBegun
    {
        /// <summary>The one instance.</summary>
        public static RenewalBegun Instance { get; } = new();
    }

    /// <summary>To a session: who controls it now; null for nobody.</summary>
    public sealed record ControllerChanged(IActorRef? Connection);

    internal sealed record FactFound(IActorRef Session, AskFact Asked, PoolFault? Fault, Message? Answer);
}
