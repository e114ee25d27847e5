using Akka.Actor;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Dispatch;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <summary>
/// One TLS session. Owns its two sockets through a <see cref="SessionPump"/> and lives until both are closed.
/// <code>
/// Preparing ─► AskingForLocalId ─► AwaitingLocalId (both: a client whose user is asked)
///      └───────────┬──┴───────────────────┘
///             Handshaking ◄─► ChoosingIdentity (LOCALID_CHECK)
///                  │  ▲ ◄────► Validating (a verdict that takes time)
///                  ▼
///          AwaitingPlaintext ─► Established ─► Closing
///                                  ▲ ▼
///                               Renewing
/// </code>
/// Every state may fall to Closing: on failure, on the setup's time limit, and when the controlling connection closes.
/// </summary>
public sealed partial class SessionActor : UntypedActor
{
    private readonly SessionServices _services;
    private long _number;
    private SessionRequest _request = null!;
    private IActorRef _connection = ActorRefs.Nobody;
    private IActorRef? _controller;
    private SessionBridge _bridge = null!;
    private SessionPump? _pump;
    private ICancelable? _setupTimer;
    private LocalIdProposals? _proposals;
    private SafeDescriptor? _ciphertext;
    private SafeDescriptor? _plaintext;
    private SessionSecrets? _secrets;
    private ulong _network;
    private PoolFault? _owed;
    private SessionParameters _parameters;
    private bool _setup = true;

    private SessionActor(SessionServices services) => _services = services;

    internal static Props Props(SessionServices services) =>
        ActorFactory<SessionActor>.Props(() => new SessionActor(services)).WithDispatcher(LoopDispatcher.Name).WithMailbox(LeanMailbox.Name);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is Begin begin)
            Prepare(begin);
        else
            Unhandled(message);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _setupTimer?.Cancel();
        _ciphertext?.Dispose();
        _plaintext?.Dispose();
        _secrets?.Dispose();
        _pump?.Close(AlertCode.InternalError);
        AnswerRenewal(_renewal?.Fault ?? new PoolFault(PoolError.StirredNotShaken, "the session ended before it was renewed"), message: null);
        PoolFault? fault = _setup ? _owed ?? new PoolFault(PoolError.ConnectionHandlerSetup) : null;
        if (fault is not null && _request is not null)
        {
            RecordSetup(allowed: false, fault.ToMessage().Text);
            _trace?.Failed(fault.Code);
        }
        Context.Parent.Tell(new Closed(Self, _setup ? _connection : _controller, _request?.RequestId ?? 0, fault));
    }

    private void AskForPlaintext(HandshakeOutcome outcome)
    {
        StartTlsMessage result = _request.Message with
        {
            LocalId = HandshakeRequests.LocalId(_request, outcome),
            RemoteId = _bridge.RemoteId,
        };
        // Where the application wanted to be asked first, nothing is settled yet.
        _settled = _request.CheckLocalId ? "" : _request.Message.LocalId;
        _request = _request with { Message = result };
        _proposals = null;
        _secrets = outcome.Secrets;
        _credential = outcome.Credential;
        _mayRenegotiate = outcome.MayRenegotiate;
        _parameters = SessionParameters.Of(outcome);
        _trace?.Shaken(outcome.Role, _parameters);
        Remember(outcome.PeerChain);
        Context.Parent.Tell(new SessionProtocol.Negotiated(Self, new NegotiatedSession(_request, _parameters, _pump!)));
        LogShaken(_number, outcome);
        if (_plaintext is { } early)
        {
            _plaintext = null;
            Establish(early);
            return;
        }
        Become(AwaitingPlaintext);
        _connection.Tell(new ConnectionProtocol.SendCallback(_request.RequestId, Command.PlaintextConnect, result, Self));
    }

    private void AwaitingPlaintext(object message)
    {
        switch (message)
        {
            case ConnectionProtocol.CallbackAnswered { Descriptor: null }:
                Fail(new PoolFault(PoolError.PlainSocketNeeded), AlertCode.CloseNotify);
                break;
            case ConnectionProtocol.CallbackAnswered { Descriptor: { } descriptor }:
                if (TakePlaintext(descriptor))
                {
                    _plaintext = null;
                    Establish(descriptor);
                }
                break;
            case ConnectionProtocol.CallbackRefused refused:
                Fail(refused.Fault, AlertCode.CloseNotify);
                break;
            default:
                SetupEnds(message);
                break;
        }
    }

    private bool TakePlaintext(SafeDescriptor descriptor)
    {
        if (DescriptorRules.CheckPlaintext(descriptor, _network) is { } fault)
        {
            descriptor.Dispose();
            Fail(fault, AlertCode.CloseNotify);
            return false;
        }
        _plaintext?.Dispose();
        _plaintext = descriptor;
        return true;
    }

    private void Establish(SafeDescriptor plaintext)
    {
        _setup = false;
        RecordSetup(allowed: true, _parameters.ToString());
        _trace?.Done();
        _trace = null;
        _setupTimer?.Cancel();
        _setupTimer = null;
        Become(Established);
        TellEstablished(new SessionProtocol.Established(Self, _connection, _request.RequestId, _request.Message));
        _pump!.Attach(plaintext);
        if (_request.Detach)
            Follow(null);
        _connection = ActorRefs.Nobody;
    }

    private void Established(object message)
    {
        switch (message)
        {
            case PumpEnded ended:
                Finish(ended.End);
                break;
            case ControllerChanged changed:
                Follow(changed.Connection);
                break;
            case Terminated dead when dead.ActorRef.Equals(_controller):
                // It may have given up control before, and the word of that may be on its way: the registry knows.
                _controller = null;
                Context.Parent.Tell(new ControllerDied(Self, dead.ActorRef));
                break;
            case Orphaned when _request.Fork:
                RecordControlLost("its controlling connection closed: forked, it goes on without one");
                break;
            case Orphaned:
                LogOrphaned(_number);
                RecordControlLost("its controlling connection closed, so it ends");
                Become(Closing);
                _pump!.Close(AlertCode.CloseNotify);
                break;
            case EndAll:
                Become(Closing);
                _pump!.Close(AlertCode.CloseNotify);
                break;
            case Terminated:
                // A controller that gave up control before it closed.
                break;
            default:
                EstablishedRenewal(message);
                break;
        }
    }

    private void Follow(IActorRef? controller)
    {
        // Who gave up control may still be asked about a renewal.
        if (_controller is not null && !_controller.Equals(_renewal?.Asker))
            Context.Unwatch(_controller);
        _controller = controller;
        if (controller is not null)
            Context.Watch(controller);
    }

    /// <summary>What may end a setup in any of its states.</summary>
    private void SetupEnds(object message)
    {
        switch (message)
        {
            case NotShaken failed:
                _pump = null;
                LogNotShaken(_number, failed.Fault);
                _owed = new PoolFault(PoolError.StirredNotShaken, failed.Fault.Reason);
                Context.Stop(Self);
                break;
            case PumpEnded ended:
                _owed ??= new PoolFault(PoolError.StirredNotShaken, "the peer closed before the application took the session");
                Finish(ended.End);
                break;
            case SetupTimedOut:
                Fail(new PoolFault(PoolError.StirredNotShaken, "the setup took longer than its time limit"), AlertCode.UserCanceled);
                break;
            case Terminated:
                Fail(new PoolFault(PoolError.ClientDisconnect), AlertCode.UserCanceled);
                break;
            case AskFact question:
                Answer(question);
                break;
            case EndAll end:
                Fail(new PoolFault(PoolError.ConnectionHandlerSetup, end.Reason), AlertCode.UserCanceled);
                break;
            default:
                PrecursorEnds(message);
                break;
        }
    }

    /// <summary>Gives up a setup: the response follows when the sockets are closed and the key is free again.</summary>
    private void Fail(PoolFault fault, AlertCode alert)
    {
        _owed = fault;
        _setupTimer?.Cancel();
        if (_pump is null)
        {
            Context.Stop(Self);
            return;
        }
        Become(Closing);
        _pump.Close(alert);
    }

    private void Closing(object message)
    {
        switch (message)
        {
            case NotShaken:
                _pump = null;
                Context.Stop(Self);
                break;
            case PumpEnded ended:
                Finish(ended.End);
                break;
            case ConnectionProtocol.CallbackAnswered { Descriptor: { } late }:
                late.Dispose();
                break;
            case AskFact question:
                Context.Parent.Tell(new FactFound(Self, question, new PoolFault(PoolError.ControlKeyNotFound), Answer: null));
                break;
            case Shaken late:
                late.Outcome.Secrets.Dispose();
                break;
            case Renewed late:
                late.Outcome.Secrets.Dispose();
                break;
            default:
                // Answers to questions that no longer matter.
                break;
        }
    }

    private void Finish(SessionEnd end)
    {
        _pump = null;
        LogEnded(_number, end);
        if (!_setup)
            RecordEnd(end);
        Context.Stop(Self);
    }
}
