using Akka.Actor;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.LocalIds;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>
/// Whom to be. A client's identity is settled before the first byte is sent, so that nothing, a ticket of an earlier session included, tells
/// the other side more than rules and user want (behaviour.md, "STARTTLS" step 2).
/// </content>
public sealed partial class SessionActor
{
    /// <summary>Entries that a user is shown; more would keep him from answering.</summary>
    private const int MaxStoredShown = 64;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private LocalIdGate _gate = null!;
    private LocalIdProtocol.Choose? _question;
    private LocalIdChoice? _choice;

    private void SettleLocalId()
    {
        if (_request.Peer == PeerPart.Either)
            _asServer = _request with { Role = TlsRole.Server };
        _gate = new LocalIdGate(_services, _request, _number);
        if (_request.Role == TlsRole.Server)
        {
            StartHandshake();
            return;
        }
        string remoteId = _request.Message.RemoteId;
        DisclosureDecision decision = _gate.Disclose(_request.Message.LocalId);
        _question = new LocalIdProtocol.Choose(
            remoteId,
            decision.LocalId,
            DoNai.TryParse(remoteId, out DoNai? remote) ? LocalIdLevels.MostStored(remote) : (ushort)0,
            [
                .. _services.Rules.Disclosure.Search(remoteId)
                    .SelectMany(key => key.Entries.Select(entry => new StoredChoice(key.Selector.ToString(), key.Level, entry.Shown.Identity?.ToString() ?? "")))
                    .Take(MaxStoredShown),
            ])
        {
            IsStuck = decision.IsStuck,
        };
        Become(AskingForLocalId);
        _services.LocalIds.Tell(_question, Self);
    }

    private void AskingForLocalId(object message)
    {
        switch (message)
        {
            case LocalIdProtocol.NobodyAsked:
                DecideByRules();
                break;
            case LocalIdProtocol.Chosen chosen:
                Take(chosen);
                break;
            case LocalIdProtocol.NotChosen refused:
                RefuseChoice(_request.Message.LocalId, refused.Reason);
                break;
            default:
                SetupEnds(message);
                break;
        }
    }

    private void DecideByRules()
    {
        string suggestion = _request.Message.LocalId;
        DisclosureDecision decision = _gate.Disclose(suggestion);
        if (decision.Key is not null)
            _gate.Record(AuditKind.LocalIdChoice, decision.Allowed, decision.Allowed ? decision.LocalId : suggestion, decision.Reason);
        if (!decision.Allowed)
        {
            Fail(new PoolFault(PoolError.ConnectionDriverSetup, decision.Reason), AlertCode.UserCanceled);
            return;
        }
        UseLocalId(decision.LocalId);
        StartHandshake();
    }

    private void Take(LocalIdProtocol.Chosen chosen)
    {
        if (LocalIdChoice.TryRead(_question!, chosen.Answer, out string? fault) is not { } choice)
        {
            RefuseChoice(chosen.Answer.LocalId, $"the answer about the local identity is refused: {fault}");
            return;
        }
        if (_services.Rules.Disclosure.Objection(_request.Message.RemoteId, choice.LocalId) is { } objection)
        {
            RefuseChoice(choice.LocalId, objection);
            return;
        }
        _choice = choice;
        _gate.Record(
            AuditKind.LocalIdChoice, allowed: true, choice.LocalId, $"chosen by the program of uid {chosen.Program.UserId}, pid {chosen.Program.ProcessId}{(chosen.Node.Length == 0 ? "" : $" at {chosen.Node}")}");
        UseLocalId(choice.LocalId);
        if (choice.OnTheFly)
            _request = _request with { Message = _request.Message with { Flags = _request.Message.Flags | StartTlsFlags.LocalIdOnTheFly } };
        if (choice.IsNew)
        {
            if (_setupTimer is null)
                StartTimer(_services.Policy.SetupTimeout);
            LookForNewIdentity();
        }
        else
            StartHandshake();
    }

    private void RefuseChoice(string localId, string reason)
    {
        _gate.Record(AuditKind.LocalIdChoice, allowed: false, localId, reason);
        Fail(new PoolFault(PoolError.ClientRefusesCallback, reason), AlertCode.UserCanceled);
    }

    /// <summary>Waits for an identity that is on its way into the database; the setup's time limit ends that, or the pool's if it has none.</summary>
    private void AwaitingLocalId(object message)
    {
        if (message is CaughtUp)
            LookForNewIdentity();
        else
            SetupEnds(message);
    }

    private void LookForNewIdentity()
    {
        if (_services.Identities.Find(_request.Message.LocalId, _request.Role).Count > 0)
        {
            if (_request.Message.Timeout == StartTlsMessage.TimeoutInfinite)
                _setupTimer?.Cancel();
            StartHandshake();
            return;
        }
        Become(AwaitingLocalId);
        Task.Delay(LookInterval).PipeTo(Self, Self, () => CaughtUp.Instance);
    }

    private void UseLocalId(string localId) => _request = _request with { Message = _request.Message with { LocalId = localId } };

    /// <summary>Why the identity that was settled on cannot be used; null if it can, or if there is none yet.</summary>
    private PoolFault? RefusedLocalId(SessionRequest request, LocalIdGate gate)
    {
        string localId = request.Message.LocalId;
        if (request.OnTheFly && RefusedOnTheFly(request) is { } fault)
            return fault;
        if (localId.Length == 0)
            return null;
        if (gate.Refuse(localId) is { } refusal)
            return new PoolFault(PoolError.ConnectionDriverSetup, refusal);
        return request.OnTheFly || request.CheckLocalId || _services.Identities.Find(localId, request.Role).Count > 0
            ? null
            : new PoolFault(PoolError.ConnectionDriverSetup, $"no credential for {localId} in this role: see 'tlspool identity list'");
    }

    /// <summary>Answers the engine for the identity that the application wants, which may be another than the one that was settled on.</summary>
    private void Accept(string chosen) => Accept(
        chosen, IsSame(chosen, _request.Message.LocalId) ? null : NotDisclosed(_request, _gate, chosen), _request, _gate, _proposals!);

    private void Accept(string chosen, string? objection, SessionRequest request, LocalIdGate gate, LocalIdProposals proposals)
    {
        if (objection is not null)
            AnswerQuestion(new RefusalAnswer(AlertCode.AccessDenied, objection));
        else if (request.OnTheFly)
            MakeOnTheFly(chosen, gate, request);
        else
            AnswerQuestion(proposals.Accept(chosen));
    }

    /// <summary>Why rules or user keep a client from changing its identity, which is recorded; null if they do not.</summary>
    private string? NotDisclosed(SessionRequest request, LocalIdGate gate, string localId)
    {
        if (request.Role != TlsRole.Client || localId.Length == 0)
            return null;
        DisclosureDecision decision = gate.Disclose(localId);
        string? objection = _choice is not null && !IsSame(localId, _choice.LocalId)
            ? $"the user has chosen {(_choice.LocalId.Length == 0 ? "nobody" : _choice.LocalId)}, and not {localId}"
            : _choice is null && (!decision.Allowed || !IsSame(decision.LocalId, localId)) ? decision.Reason
            : null;
        if (objection is not null)
            gate.Record(AuditKind.LocalIdChoice, allowed: false, localId, objection);
        return objection;
    }

    private static bool IsSame(string one, string other) =>
        one == other || (DoNai.TryParse(one, out DoNai? first) && DoNai.TryParse(other, out DoNai? second) && first.Equals(second));

    /// <summary>Tells the application that it has its session, as soon as the user's choice is stored: its next session goes by that.</summary>
    private void TellEstablished(Established established)
    {
        IActorRef registry = Context.Parent;
        if (_choice?.Storage is { } change)
            _services.Rules.StoreAsync(change).ContinueWith(_ => registry.Tell(established, ActorRefs.NoSender), TaskScheduler.Default);
        else
            registry.Tell(established);
    }
}
