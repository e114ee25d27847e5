using Akka.Actor;
using TlsPool.Actors.Connections;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Sessions;

/// <summary>Messages between connections, the registry and sessions. Those with a descriptor never leave this host.</summary>
public static partial class SessionProtocol
{
    /// <summary>To the registry: start a session. Its end is told by <see cref="Closed"/> to the connection.</summary>
    /// <param name="Request">What to do.</param>
    /// <param name="Ciphertext">The socket, handed over.</param>
    /// <param name="Connection">The controlling connection.</param>
    public sealed record Open(SessionRequest Request, SafeDescriptor Ciphertext, IActorRef Connection) : ICarriesDescriptor
    {
        SafeDescriptor? ICarriesDescriptor.Descriptor => Ciphertext;
    }

    /// <summary>From a session to the registry, before the plaintext is asked for: the handshake is done.</summary>
    internal sealed record Negotiated(IActorRef Session, NegotiatedSession Outcome);

    /// <summary>From a session, through the registry, to its connection: setup succeeded.</summary>
    public sealed record Established(IActorRef Session, IActorRef Connection, ushort RequestId, StartTlsMessage Message);

    /// <summary>From a session, through the registry that forgets its key, to its connection: it is over.</summary>
    /// <param name="Session">The session.</param>
    /// <param name="Connection">Its connection, or null if it is detached.</param>
    /// <param name="RequestId">The request it came from.</param>
    /// <param name="Fault">The final response still owed to the application, or null.</param>
    public sealed record Closed(IActorRef Session, IActorRef? Connection, ushort RequestId, PoolFault? Fault);

    /// <summary>From a session to the registry: a connection that it knew as its controller is gone.</summary>
    public sealed record ControllerDied(IActorRef Session, IActorRef Connection);

    /// <summary>To a session: its controller is gone indeed, and nobody else has taken control.</summary>
    public sealed record Orphaned
    {
        /// <summary>The one instance.</summary>
        public static Orphaned Instance { get; } = new();
    }

    /// <summary>To the registry: answer with <see cref="SessionCount"/>.</summary>
    public sealed record CountSessions
    {
        /// <summary>The one instance.</summary>
        public static CountSessions Instance { get; } = new();
    }

    /// <summary>How many sessions there are.</summary>
    public sealed record SessionCount(int Sessions);

    /// <summary>To the registry: refuse new sessions; answer with <see cref="Drained"/> when the last one has ended.</summary>
    public sealed record Drain
    {
        /// <summary>The one instance.</summary>
        public static Drain Instance { get; } = new();
    }

    /// <summary>To the registry, which passes it on to every session: end with close_notify.</summary>
    /// <param name="Reason">Why, for the application of a session that is not set up yet.</param>
    public sealed record EndAll(string Reason)
    {
        /// <summary>At the end of the daemon.</summary>
        public static EndAll Instance { get; } = new("the pool is shutting down");
    }

    /// <summary>To the registry, from somebody who manages the pool: end a session with close_notify. Answered by <see cref="Managed"/>.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="By">Who wants it, for the record.</param>
    internal sealed record End(long Number, string By);

    /// <summary>
    /// To the registry, from somebody who manages the pool: take a session from the connection that controls it, so that whoever has its control
    /// key may pick it up. Answered by <see cref="Managed"/>.
    /// </summary>
    /// <param name="Number">Its number.</param>
    internal sealed record Release(long Number);

    /// <summary>To who manages the pool.</summary>
    /// <param name="Outcome">What became of it.</param>
    internal sealed record Managed(ManagedOutcome Outcome);

    /// <summary>Outcomes of <see cref="Managed"/>.</summary>
    internal enum ManagedOutcome
    {
        /// <summary>It is done.</summary>
        Done,

        /// <summary>There is no such session.</summary>
        NoSession,

        /// <summary>The session is not set up, or is at its end.</summary>
        NotEstablished,

        /// <summary>Nobody controls it as it is.</summary>
        IsDetached,

        /// <summary>It has no control key: nobody could pick it up.</summary>
        NoKey,
    }

    /// <summary>No session is left.</summary>
    public sealed record Drained
    {
        /// <summary>The one instance.</summary>
        public static Drained Instance { get; } = new();
    }

    internal sealed record Begin(SessionRequest Request, SafeDescriptor Ciphertext, IActorRef Connection, long Number) : ICarriesDescriptor
    {
        SafeDescriptor? ICarriesDescriptor.Descriptor => Ciphertext;
    }

    internal sealed record CaughtUp
    {
        internal static CaughtUp Instance { get; } = new();
    }

    internal sealed record Judged(SessionBridge Bridge, PeerVerdict Verdict);

    internal sealed record RoleDecided(TlsRole Role);

    internal sealed record QuestionRaised(HandshakeQuestion Question);

    internal sealed record Shaken(HandshakeOutcome Outcome);

    internal sealed record NotShaken(HandshakeFault Fault);

    internal sealed record PumpEnded(SessionEnd End);

    internal sealed record SetupTimedOut
    {
        internal static SetupTimedOut Instance { get; } = new();
    }
}
