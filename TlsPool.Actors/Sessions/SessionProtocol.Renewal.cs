using Akka.Actor;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions;

/// <content>Renewal of established sessions.</content>
public static partial class SessionProtocol
{
    /// <summary>To the registry, and from it to the session: renew it. Answered by <see cref="RenewalDone"/>.</summary>
    public sealed record Renew(RenewalOrder Order, IActorRef Connection);

    /// <summary>From a session, through the registry, to the connection that asked: the renewal is over.</summary>
    /// <param name="Session">The session; nobody if there is none.</param>
    /// <param name="Connection">The connection that asked.</param>
    /// <param name="RequestId">The request.</param>
    /// <param name="Fault">Why it failed, or null.</param>
    /// <param name="Message">The identities as they are now, or null.</param>
    public sealed record RenewalDone(IActorRef Session, IActorRef Connection, ushort RequestId, PoolFault? Fault, StartTlsMessage? Message);

    internal sealed record RenewalWanted
    {
        internal static RenewalWanted Instance { get; } = new();
    }

    internal sealed record Renewed(HandshakeOutcome Outcome);

    internal sealed record Authenticated(PostHandshakeIdentity Identity);

    internal sealed record RenewalRefused(RenewalRefusal Refusal);

    internal sealed record RenewalFailed(HandshakeFault Fault);

    internal sealed record RenewalReady(SessionRenewal Renewal);

    internal sealed record RenewalTimedOut(SessionRenewal Renewal);
}
