using System.Net;
using Akka.Actor;
using TlsPool.Crypto.Pump;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <summary>
/// A session as the registry knows it. Only the registry changes it; other threads read what is said to be for all, and may see a change of one
/// property before that of another.
/// </summary>
internal sealed class SessionEntry(IActorRef session, ControlKey key, long number, SessionRequest request, IPEndPoint? peer, DateTimeOffset started)
{
    private volatile NegotiatedSession? _negotiated;
    private volatile Renew? _renewal;
    private volatile IActorRef? _controller;
    private volatile bool _isEstablished;
    private volatile bool _isEnding;

    /// <summary>Its number, as in the log; for all.</summary>
    internal long Number { get; } = number;

    /// <summary>Its actor; for all.</summary>
    internal IActorRef Session { get; } = session;

    /// <summary>The secret that controls it; zero for none.</summary>
    internal ControlKey Key { get; } = key;

    /// <summary>When it was asked for; for all.</summary>
    internal DateTimeOffset Started { get; } = started;

    /// <summary>Network address of the peer, where it has one; for all.</summary>
    internal IPEndPoint? Peer { get; } = peer;

    /// <summary>True if it goes on when its controlling connection closes.</summary>
    internal bool IsForked { get; init; }

    /// <summary>What was asked for, and once the handshake is done, what became of it; for all.</summary>
    internal SessionRequest Request => _negotiated?.Request ?? request;

    /// <summary>Set once the handshake is done; for all.</summary>
    internal NegotiatedSession? Negotiated
    {
        get => _negotiated;
        set => _negotiated = value;
    }

    /// <summary>Control can only change hands once setup has succeeded; for all.</summary>
    internal bool IsEstablished
    {
        get => _isEstablished;
        set => _isEstablished = value;
    }

    /// <summary>True once its controlling connection has closed, and it ends for that; for all.</summary>
    internal bool IsEnding
    {
        get => _isEnding;
        set => _isEnding = value;
    }

    /// <summary>The renewal that the session is at, as far as an application waits for it; whether there is one is for all.</summary>
    internal Renew? Renewal
    {
        get => _renewal;
        set => _renewal = value;
    }

    /// <summary>The connection that controls the session, or null while it is detached; whether there is one is for all.</summary>
    internal IActorRef? Controller
    {
        get => _controller;
        set => _controller = value;
    }

    /// <summary>The connection that opened it or controlled it last: it may want it back.</summary>
    internal required IActorRef Holder { get; set; }

    /// <summary>Questions that the session has not answered.</summary>
    internal List<AskFact> Asked { get; } = [];
}

/// <summary>What is known of a session once its handshake is done. Immutable, but for what the pump counts.</summary>
/// <param name="Request">What was asked for, with the identities that were proven.</param>
/// <param name="Parameters">What was negotiated.</param>
/// <param name="Pump">Counts bytes.</param>
internal sealed record NegotiatedSession(SessionRequest Request, SessionParameters Parameters, SessionPump Pump);
