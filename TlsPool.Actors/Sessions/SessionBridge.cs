using Akka.Actor;
using TlsPool.Actors.Sessions.Telemetry;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions;

/// <summary>
/// Stands between a session's pump, on its loop thread, and its actor. Answers at once what needs no waiting; everything else becomes a
/// message. Its fields are written on the loop before the message that makes the actor read them.
/// </summary>
internal sealed class SessionBridge : IHandshakeAnswers, ISessionEvents
{
    private readonly SessionServices _services;
    private readonly SessionRequest _request;
    private readonly LocalIdGate _gate;
    private readonly IActorRef _session;

    internal SessionBridge(SessionServices services, SessionRequest request, LocalIdGate gate, IActorRef session)
    {
        _gate = gate;
        _services = services;
        _request = request;
        _session = session;
    }

    /// <summary>What may not change; null in a first handshake.</summary>
    internal RenewalRules? Rules { get; init; }

    /// <summary>Follows the setup; null if nobody does.</summary>
    internal SetupTrace? Trace { get; init; }

    /// <summary>The key whose signature was asked for; null until then.</summary>
    internal KeyReference? SigningKey { get; private set; }

    /// <summary>The validated identity of the peer; empty until then, and if it was not asked for.</summary>
    internal string RemoteId { get; private set; } = "";

    /// <summary>The verdict that <see cref="TryAnswer"/> could not give at once.</summary>
    internal Task<PeerVerdict>? PendingVerdict { get; private set; }

    public HandshakeAnswer? TryAnswer(HandshakeQuestion question)
    {
        Trace?.Asked(question);
        HandshakeAnswer? answer = question switch
        {
            CredentialQuestion credential => _request.CheckLocalId || (_request.OnTheFly && Rules?.Identity != "") ? null : Candidates(credential),
            SignatureQuestion signature => TrySign(signature),
            PeerQuestion peer => TryJudge(peer),
            _ => new RefusalAnswer(AlertCode.InternalError, "the engine asked something unknown"),
        };
        if (answer is not null)
            Trace?.Answered();
        return answer;
    }

    public void OnRoleDecided(SessionPump pump, TlsRole role) =>
        _session.Tell(new SessionProtocol.RoleDecided(role), ActorRefs.NoSender);

    public void OnQuestion(SessionPump pump, HandshakeQuestion question) =>
        _session.Tell(new SessionProtocol.QuestionRaised(question), ActorRefs.NoSender);

    public void OnHandshakeDone(SessionPump pump, HandshakeOutcome outcome) =>
        _session.Tell(new SessionProtocol.Shaken(outcome), ActorRefs.NoSender);

    public void OnHandshakeFailed(SessionPump pump, HandshakeFault fault) =>
        _session.Tell(new SessionProtocol.NotShaken(fault), ActorRefs.NoSender);

    public void OnRenewalWanted(SessionPump pump) => _session.Tell(SessionProtocol.RenewalWanted.Instance, ActorRefs.NoSender);

    public void OnRenewed(SessionPump pump, HandshakeOutcome outcome) =>
        _session.Tell(new SessionProtocol.Renewed(outcome), ActorRefs.NoSender);

    public void OnAuthenticated(SessionPump pump, PostHandshakeIdentity identity) =>
        _session.Tell(new SessionProtocol.Authenticated(identity), ActorRefs.NoSender);

    public void OnRenewalRefused(SessionPump pump, RenewalRefusal refusal) =>
        _session.Tell(new SessionProtocol.RenewalRefused(refusal), ActorRefs.NoSender);

    public void OnRenewalFailed(SessionPump pump, HandshakeFault fault) =>
        _session.Tell(new SessionProtocol.RenewalFailed(fault), ActorRefs.NoSender);

    public void OnEnded(SessionPump pump, SessionEnd end) =>
        _session.Tell(new SessionProtocol.PumpEnded(end), ActorRefs.NoSender);

    /// <summary>Turns a verdict into the engine's answer and keeps the identity.</summary>
    internal HandshakeAnswer Conclude(PeerVerdict verdict)
    {
        if (!verdict.Accepted)
            return new RefusalAnswer(verdict.Alert, verdict.Reason);
        if (Rules?.RemoteId is { } known && !string.Equals(known, verdict.RemoteId, StringComparison.OrdinalIgnoreCase))
            return new RefusalAnswer(AlertCode.AccessDenied, "the peer came as one and goes on as another");
        RemoteId = verdict.RemoteId;
        return new PeerAcceptedAnswer();
    }

    private SignatureAnswer? TrySign(SignatureQuestion question)
    {
        SigningKey = question.Request.Key;
        return _services.Keys.TrySign(question.Request) is { } made ? new SignatureAnswer(made) : null;
    }

    private HandshakeAnswer Candidates(CredentialQuestion question)
    {
        if (Rules?.Identity is { } kept)
            return new CredentialAnswer(kept.Length > 0 ? _services.Identities.Find(kept, question.Role) : []);
        string localId = _request.Message.LocalId;
        if (localId.Length > 0)
            return new CredentialAnswer(_services.Identities.Find(localId, question.Role));
        if (question.Role == TlsRole.Client)
            return new CredentialAnswer([]);
        IReadOnlyList<Credential> permitted = _gate.Permitted(
            question.ServerName is { } name ? _services.Identities.FindForServerName(name) : OnlyServerIdentity(), out string? refusal);
        return refusal is null
            ? new CredentialAnswer(permitted)
            : new RefusalAnswer(question.ServerName is null ? AlertCode.HandshakeFailure : AlertCode.UnrecognizedName, refusal);
    }

    /// <summary>Without SNI there is a choice only if there is nothing to choose from.</summary>
    private IReadOnlyList<Credential> OnlyServerIdentity()
    {
        IReadOnlyList<string> all = _services.Identities.ServerIdentities;
        if (all.Count > 1 && !_services.Rules.Access.IsEmpty)
            all = [.. all.Where(_gate.Allows)];
        return all is [var only] ? _services.Identities.Find(only, TlsRole.Server) : [];
    }

    private HandshakeAnswer? TryJudge(PeerQuestion question)
    {
        StartTlsMessage message = _request.Message;
        var evidence = new PeerEvidence(
            question.Role,
            question.Chain,
            question.OcspStaple,
            message.RemoteId,
            message.Flags.HasFlag(StartTlsFlags.DomainRepresentsUser),
            message.LocalId,
            message.Service,
            message.Flags.HasFlag(StartTlsFlags.IgnoreCaches));
        ValueTask<PeerVerdict> verdict = _services.Validator.ValidateAsync(evidence, CancellationToken.None);
        if (verdict.IsCompletedSuccessfully)
            return Conclude(verdict.Result);
        PendingVerdict = verdict.AsTask();
        return null;
    }
}
