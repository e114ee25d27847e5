using Akka.Actor;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Actors.Sessions;

/// <summary>A renewal of a session, as long as it lasts.</summary>
/// <param name="request">What the session would be asked for if it began now.</param>
/// <param name="gate">Which local identities the application may use.</param>
/// <param name="asker">The connection that asked for it; null if the peer did.</param>
/// <param name="keepsLocalId">True if the local identity stays what it is.</param>
internal sealed class SessionRenewal(SessionRequest request, LocalIdGate gate, IActorRef? asker, bool keepsLocalId)
{
    internal SessionRequest Request { get; } = request;

    internal LocalIdGate Gate { get; } = gate;

    internal IActorRef? Asker { get; } = asker;

    internal bool KeepsLocalId { get; } = keepsLocalId;

    /// <summary>Answers the engine; set when it is put together.</summary>
    internal SessionBridge Bridge { get; set; } = null!;

    /// <summary>False while what was stored last is being read: the engine does not know of it.</summary>
    internal bool HasBegun => Bridge is not null;

    /// <summary>True if the peer asked to renegotiate, and has to be answered when nothing comes of this.</summary>
    internal bool PeerWaits { get; set; }

    /// <summary>What a server asks a client after a TLS 1.3 handshake; null in other renewals.</summary>
    internal CredentialQuestion? Question { get; init; }

    internal LocalIdProposals? Proposals { get; set; }

    /// <summary>True while the asker is asked about one of them.</summary>
    internal bool IsProposing { get; set; }

    /// <summary>True once nobody can be asked: the session may have been forked, or given to another connection.</summary>
    internal bool AskerIsGone { get; set; }

    internal ICancelable? Timer { get; set; }

    /// <summary>What the application will be told if the session ends now.</summary>
    internal PoolFault? Fault { get; set; }
}
