using Akka.Actor;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Connections;
using TlsPool.Actors.OnTheFly;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>
/// New keys, and maybe new identities, for an established session, while its data flows. The application asks for it with RENEGOTIATE; or the
/// peer does, and then both identities have to remain what the application was told.
/// </content>
public sealed partial class SessionActor
{
    private SessionRenewal? _renewal;
    private Credential? _credential;
    private string _settled = "";
    private bool _mayRenegotiate;

    /// <summary>Whom this side goes on being: also a client that was not asked so far remains whom it was settled to be, if rules still allow it.</summary>
    private string KeptIdentity => _credential?.Identity ?? (_request.Role == TlsRole.Client && MayStillShow(_settled) ? _settled : "");

    /// <summary>What the state Established leaves to renewals.</summary>
    private void EstablishedRenewal(object message)
    {
        switch (message)
        {
            case Renew renew:
                BeginRenewal(renew);
                break;
            case RenewalWanted:
                FollowPeer();
                break;
            case QuestionRaised { Question: CredentialQuestion question } when Is13:
                FollowServer(question);
                break;
            case AskFact question:
                Answer(question);
                break;
            case ConnectionProtocol.CallbackAnswered late:
                late.Descriptor?.Dispose();
                break;
            case RenewalTimedOut or ConnectionProtocol.CallbackRefused or TokenProtocol.Signed or TokenProtocol.SigningFailed or Judged
                or OnTheFlyProtocol.Made or OnTheFlyProtocol.NotMade or RenewalReady:
                // Of a renewal that is over.
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void BeginRenewal(Renew renew)
    {
        SessionRequest request = renew.Order.ApplyTo(_request);
        bool keepsLocalId = !renew.Order.CheckLocalId
            && (renew.Order.Message.LocalId.Length == 0 || string.Equals(request.Message.LocalId, _request.Message.LocalId, StringComparison.OrdinalIgnoreCase));
        _renewal = new SessionRenewal(request, new LocalIdGate(_services, request, _number), renew.Connection, keepsLocalId);
        CatchUpForRenewal();
    }

    private void CatchUpForRenewal()
    {
        var ready = new RenewalReady(_renewal!);
        StartRenewalTimer();
        Become(Renewing);
        if (_services.CatchUp() is { } reading)
            reading.PipeTo(Self, Self, () => ready, _ => ready);
        else
            StartRenewal();
    }

    /// <summary>The peer asks: nothing that the application was told may change.</summary>
    private void FollowPeer()
    {
        StartTlsMessage message = _request.Message;
        SessionRequest request = _request with
        {
            PeerAuthentication = message.RemoteId.Length > 0 ? PeerAuthentication.Demand : PeerAuthentication.Ignore,
            Message = message with { Flags = message.Flags & ~StartTlsFlags.LocalIdCheck, Timeout = StartTlsMessage.TimeoutDefault },
        };
        _renewal = new SessionRenewal(request, _gate, asker: null, keepsLocalId: true);
        CatchUpForRenewal();
    }

    private void StartRenewal()
    {
        SessionRenewal renewal = _renewal!;
        if (Is13)
        {
            Renew13(renewal);
            return;
        }
        if (!_mayRenegotiate)
        {
            EndRenewal(new PoolFault(PoolError.RenegotiateWouldBeInsecure, "the peer lacks secure renegotiation or the extended master secret"));
            return;
        }
        if (!renewal.KeepsLocalId && RefusedNewLocalId(renewal) is { } fault)
        {
            EndRenewal(fault);
            return;
        }
        renewal.Bridge = new SessionBridge(_services, renewal.Request, renewal.Gate, Self)
        {
            Rules = new RenewalRules(
                renewal.KeepsLocalId ? KeptIdentity : null,
                renewal.Asker is null && _request.Message.RemoteId.Length > 0 ? _request.Message.RemoteId : null),
        };
        _pump!.Renegotiate(new HandshakeMachine(
            _services.Policy.Handshakes, HandshakeRequests.ForRenewal(renewal.Request, _secrets!), renewal.Bridge));
    }

    private void Renewing(object message)
    {
        SessionRenewal renewal = _renewal!;
        switch (message)
        {
            case RenewalReady ready when ready.Renewal == renewal && renewal.Fault is null:
                StartRenewal();
                break;
            case Renew renew:
                RefuseRenewal(renew);
                break;
            case QuestionRaised raised when Is13:
                AnswerQuestion13(renewal, raised.Question);
                break;
            case Authenticated authenticated:
                TakeAuthenticated(renewal, authenticated.Identity);
                break;
            case QuestionRaised { Question: CredentialQuestion question }:
                if (renewal.Request is { OnTheFly: true, CheckLocalId: false })
                {
                    MakeOnTheFly(NameOnTheFly(renewal.Request, question), renewal.Gate, renewal.Request);
                    break;
                }
                renewal.Proposals = LocalIdProposals.For(renewal.Request, question, _services.Identities, renewal.Gate);
                ProposeForRenewal(renewal);
                break;
            case OnTheFlyProtocol.Made or OnTheFlyProtocol.NotMade:
                ConcludeOnTheFly(message, renewal.Gate);
                break;
            case QuestionRaised { Question: SignatureQuestion question }:
                AskForSignature(question);
                break;
            case QuestionRaised { Question: PeerQuestion }:
                AwaitVerdict(renewal.Bridge);
                break;
            case TokenProtocol.Signed or TokenProtocol.SigningFailed:
                TakeSignature(message);
                break;
            case Judged judged when judged.Bridge == renewal.Bridge:
                _pump!.Answer(renewal.Bridge.Conclude(judged.Verdict));
                break;
            case ConnectionProtocol.CallbackAnswered { Body: StartTlsMessage body, Descriptor: var descriptor } when renewal.Proposals is { } proposals:
                renewal.IsProposing = false;
                // Nothing is to be connected here: a descriptor only says yes.
                descriptor?.Dispose();
                string chosen = body.LocalId.Length == 0 && descriptor is not null ? proposals.Current : body.LocalId;
                if (chosen.Length == 0)
                    ProposeForRenewal(renewal);
                else
                    Accept(chosen, NotDisclosed(renewal.Request, renewal.Gate, chosen), renewal.Request, renewal.Gate, proposals);
                break;
            case ConnectionProtocol.CallbackRefused refused when renewal.IsProposing:
                RefuseToChoose(renewal, refused.Fault);
                break;
            case Terminated dead when dead.ActorRef.Equals(renewal.Asker):
                renewal.AskerIsGone = true;
                if (renewal.IsProposing)
                    RefuseToChoose(renewal, new PoolFault(PoolError.ClientDisconnect));
                Established(message);
                break;
            case Renewed renewed:
                TakeRenewed(renewal, renewed.Outcome);
                break;
            case SessionProtocol.RenewalRefused { Refusal: RenewalRefusal.NotOffered } when renewal.Request.PeerAuthentication == PeerAuthentication.Request:
                ConcludeRenewal(_request.Message.LocalId, _request.Message.RemoteId, "keys updated");
                break;
            case SessionProtocol.RenewalRefused refused:
                EndRenewal(FaultOf(refused.Refusal));
                break;
            case SessionProtocol.RenewalFailed failed:
                renewal.Fault ??= new PoolFault(PoolError.StirredNotShaken, failed.Fault.Reason);
                LogNotRenewed(_number, failed.Fault.Reason);
                break;
            case RenewalTimedOut timeout when timeout.Renewal == renewal && renewal.Question is not null:
                renewal.Fault = TookTooLong;
                _pump!.Answer(new RefusalAnswer(AlertCode.UserCanceled, "the proof of the identity took too long"));
                break;
            case RenewalTimedOut timeout when timeout.Renewal == renewal && !renewal.HasBegun:
                EndRenewal(TookTooLong);
                break;
            case RenewalTimedOut timeout when timeout.Renewal == renewal:
                renewal.Fault = TookTooLong;
                _pump!.CancelRenegotiation(AlertCode.UserCanceled);
                break;
            case RenewalWanted when !renewal.HasBegun:
                renewal.PeerWaits = true;
                break;
            case RenewalWanted:
                // Both sides had the same idea: what is under way answers it.
                break;
            default:
                Established(message);
                break;
        }
    }

    /// <summary>The peer renews the session just now, which the registry does not know.</summary>
    private void RefuseRenewal(Renew renew)
    {
        var fault = new PoolFault(PoolError.RenegotiateNotInterruptable, "the session is being renewed at the peer's wish: ask again");
        _services.Audit.Record(AboutSession(AuditKind.SessionRenewal, allowed: false, fault.Text) with { Application = renew.Order.Application });
        Context.Parent.Tell(new RenewalDone(Self, renew.Connection, renew.Order.RequestId, fault, Message: null));
    }

    private void TakeRenewed(SessionRenewal renewal, HandshakeOutcome outcome)
    {
        _secrets!.Dispose();
        _secrets = outcome.Secrets;
        _mayRenegotiate = outcome.MayRenegotiate;
        _parameters = SessionParameters.Of(outcome);
        Remember(outcome.PeerChain);
        StartTlsMessage before = _request.Message;
        bool sameLocalId = outcome.Credential is null || (renewal.KeepsLocalId && renewal.Request.Role == TlsRole.Server);
        string localId = sameLocalId ? before.LocalId : HandshakeRequests.LocalId(renewal.Request, outcome);
        string remoteId = renewal.Request.PeerAuthentication == PeerAuthentication.Ignore ? before.RemoteId : renewal.Bridge.RemoteId;
        _credential = outcome.Credential ?? _credential;
        ConcludeRenewal(localId, remoteId, _parameters.ToString());
    }

    private void ConcludeRenewal(string localId, string remoteId, string how)
    {
        SessionRenewal renewal = _renewal!;
        _request = _request with { Message = _request.Message with { LocalId = localId, RemoteId = remoteId } };
        Context.Parent.Tell(new Negotiated(Self, new NegotiatedSession(_request, _parameters, _pump!)));
        LogRenewed(_number, renewal, how);
        CloseRenewal(fault: null, renewal.Request.Message with { LocalId = localId, RemoteId = remoteId });
    }

    /// <summary>The session goes on as it was.</summary>
    private void EndRenewal(PoolFault fault)
    {
        LogNotRenewed(_number, fault.Text);
        CloseRenewal(_renewal!.Fault ?? fault, message: null);
    }

    private void CloseRenewal(PoolFault? fault, StartTlsMessage? message)
    {
        Become(Established);
        AnswerRenewal(fault, message);
    }

    /// <summary>Says how a renewal ended, once; also when the session ends before it.</summary>
    private void AnswerRenewal(PoolFault? fault, StartTlsMessage? message)
    {
        if (_renewal is not { } renewal)
            return;
        _renewal = null;
        _unsigned = null;
        renewal.Timer?.Cancel();
        if (_heldQuestion is { } held)
            Self.Tell(new QuestionRaised(held));
        _heldQuestion = null;
        if (renewal is { PeerWaits: true, HasBegun: false })
            Self.Tell(RenewalWanted.Instance);
        if (renewal.Asker is { } asker)
            Context.Parent.Tell(new RenewalDone(Self, asker, renewal.Request.RequestId, fault, message));
    }

    private void StartRenewalTimer()
    {
        if (Limit(_renewal!.Request.Message.Timeout, _services.Policy) is { } limit)
            _renewal.Timer = Context.System.Scheduler.ScheduleTellOnceCancelable(limit, Self, new RenewalTimedOut(_renewal), Self);
    }

    private static PoolFault TookTooLong => new(PoolError.StirredNotShaken, "the renewal took longer than its time limit");

    private static PoolFault FaultOf(RenewalRefusal refusal) => refusal switch
    {
        RenewalRefusal.ByPeer => new PoolFault(PoolError.RenegotiateWouldBeInsecure, "the peer does not want to renegotiate"),
        RenewalRefusal.NotOffered => new PoolFault(PoolError.RenegotiateWouldBeInsecure, "the client does not authenticate after the handshake"),
        RenewalRefusal.GivenUp => new PoolFault(PoolError.StirredNotShaken, "the peer did not answer the wish to renegotiate in time"),
        _ => new PoolFault(PoolError.RenegotiateNotInterruptable, "the session is closing"),
    };
}
