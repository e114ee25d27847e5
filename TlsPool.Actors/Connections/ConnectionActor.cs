using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Dispatch;
using TlsPool.Actors.LocalIds;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Connections.ConnectionProtocol;

namespace TlsPool.Actors.Connections;

/// <summary>
/// One application's connection: frames in and out, its open requests and callbacks (behaviour.md, "Frames and connections").
/// Sessions that it controls watch it, and end with it unless they are forked.
/// </summary>
public sealed partial class ConnectionActor : UntypedActor
{
    private const byte Tcp = 6;

    private readonly SessionServices _services;
    private readonly IActorRef _registry;
    private readonly ILogger _log;
    private readonly SafeDescriptor _socket;
    private readonly CallbackTable _callbacks = new();
    private readonly FrameReceiver _receiver;
    private readonly ApplicationOrigin _origin;
    private FrameConnection _transport = null!;
    private PeerCredentials _application;
    private int _openRequests;

    private ConnectionActor(SessionServices services, IActorRef registry, ILogger log, SafeDescriptor socket, string path)
    {
        (_services, _registry, _log, _socket) = (services, registry, log, socket);
        _origin = new ApplicationOrigin(path, PeerGroups.Of(socket));
        _receiver = new FrameReceiver(Self);
    }

    /// <summary>Props of a connection.</summary>
    /// <param name="services">What sessions need.</param>
    /// <param name="registry">The <see cref="SessionRegistry"/>.</param>
    /// <param name="log">Log of the facility UNIXSOCK.</param>
    /// <param name="socket">The accepted socket, handed over.</param>
    /// <param name="path">Path of the listening socket; empty if it has none.</param>
    public static Props Props(SessionServices services, IActorRef registry, ILogger log, SafeDescriptor socket, string path) =>
        ActorFactory<ConnectionActor>.Props(() => new ConnectionActor(services, registry, log, socket, path)).WithDispatcher(LoopDispatcher.Name);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _transport = FrameConnection.Start(_services.Loops.Next(), _socket, _receiver, pausesForOutput: true);
        _application = ProcessExecutable.Name(_transport.Peer);
        _log.LogDebug(
            "connection of uid {Uid}, gid {Gid}, pid {Pid}", _application.UserId, _application.GroupId, _application.ProcessId);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _transport?.Close();
        foreach (CallbackTable.Callback callback in _callbacks.Open)
            callback.Asker.Tell(new CallbackRefused(new PoolFault(PoolError.ClientDisconnect)));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FrameArrived { Frame.CallbackId: not 0 } answer:
                TakeAnswer(answer);
                _receiver.Handled();
                break;
            case FrameArrived request:
                TakeRequest(request);
                _receiver.Handled();
                break;
            case SendCallback callback:
                Ask(callback);
                break;
            case SessionProtocol.Established established:
                Complete(established.RequestId, Command.StartTls, established.Message);
                break;
            case SessionProtocol.Closed closed:
                _callbacks.Expire(closed.Session);
                if (closed.Fault is not null)
                    Complete(closed.RequestId, closed.Fault);
                break;
            case WithdrawCallback withdrawn:
                _callbacks.Expire(withdrawn.Asker);
                break;
            case LocalIdProtocol.RegistrationAnswered answered:
                if (answered.Fault is not null)
                    Complete(answered.RequestId, answered.Fault);
                _receiver.Handled();
                break;
            case LocalIdProtocol.RegistrationEnded ended:
                Complete(ended.RequestId, ended.Fault);
                break;
            case SessionProtocol.ControlDone done:
                if (!IsHeldBack(done))
                    Conclude(done);
                break;
            case HeldBack held:
                Conclude(held.Outcome);
                break;
            case SessionProtocol.RenewalBegun:
                _receiver.Handled();
                break;
            case SessionProtocol.RenewalDone done:
                _callbacks.Expire(done.Session);
                if (done.Message is { } renewed)
                    Complete(done.RequestId, Command.StartTls, renewed);
                else
                    Complete(done.RequestId, done.Fault!);
                break;
            case FrameRejected rejected:
                Reject(rejected);
                _receiver.Handled();
                break;
            case TransportEnded end:
                _log.LogDebug("connection of pid {Pid} ended: {Reason}", _application.ProcessId, end.Reason);
                Context.Stop(Self);
                break;
            default:
                if (!TakePinMessage(message) && !TakeLeaving(message))
                    Unhandled(message);
                break;
        }
    }

    private void TakeRequest(FrameArrived arrived)
    {
        (ushort requestId, _, Command command, Message body) = arrived.Frame;
        if (arrived.Surplus || (arrived.Descriptor is not null && !TakesDescriptor(arrived.Frame)))
        {
            arrived.Descriptor?.Dispose();
            (body as PinEntryMessage)?.ClearPin();
            Respond(requestId, new PoolFault(PoolError.SuperfluousSocket));
            return;
        }
        switch (command)
        {
            case Command.Ping:
                Facilities both = ((PingMessage)body).Facilities & _services.Policy.Facilities;
                Respond(requestId, Command.Ping, new PingMessage(PingMessage.IdentityV2, both));
                break;
            case Command.StartTls:
                var startTls = (StartTlsMessage)body;
                if (startTls.Flags.HasFlag(StartTlsFlags.Renegotiate))
                    Renegotiate(requestId, startTls);
                else
                    StartTls(requestId, startTls, arrived.Descriptor);
                break;
            case Command.ControlDetach:
                AskRegistry(new SessionProtocol.Detach(((ControlMessage)body).ControlKey, Self, requestId, _application));
                break;
            case Command.ControlReattach:
                AskRegistry(new SessionProtocol.Reattach(((ControlMessage)body).ControlKey, Self, requestId, _application));
                break;
            case Command.Info when body is InfoMessage info:
                AskRegistry(new SessionProtocol.AskFact(info.ControlKey, info, Self, requestId, _application));
                break;
            case Command.Prng when body is PrngMessage prng:
                Export(requestId, prng);
                break;
            case Command.LidEntryRegister:
                Register(requestId, (LidEntryMessage)body);
                break;
            case Command.PinEntry when body is PinEntryMessage offer:
                OfferPinEntry(requestId, offer);
                break;
            case Command.StartTlsLocalId:
            case Command.PlaintextConnect:
            case Command.LidEntryCallback:
                Respond(requestId, new PoolFault(PoolError.CommandBadCallbackResponse));
                break;
            default:
                Respond(requestId, new PoolFault(PoolError.CommandNeeded));
                break;
        }
    }

    /// <summary>The registry works for all connections: none may have more before it than frames before its own actor.</summary>
    private void AskRegistry(object question)
    {
        _openRequests++;
        _receiver.Retain();
        _registry.Tell(question);
    }

    private static bool TakesDescriptor(Frame frame) =>
        frame.Body is StartTlsMessage message && frame.Command == Command.StartTls && !message.Flags.HasFlag(StartTlsFlags.Renegotiate);

    private void StartTls(ushort requestId, StartTlsMessage message, SafeDescriptor? ciphertext)
    {
        SessionRequest? request = SessionRequest.TryParse(requestId, _application, message, out PoolFault? fault);
        if (request is not null)
        {
            fault = !_services.Policy.Facilities.HasFlag(Facilities.StartTls) ? new PoolFault(PoolError.FacilityStartTls)
                : ciphertext is null ? new PoolFault(PoolError.CipherSocketNeeded)
                : TooManyRequests ?? DescriptorRules.CheckCiphertext(ciphertext);
        }
        if (request is null || fault is not null)
        {
            ciphertext?.Dispose();
            Respond(requestId, fault!);
            return;
        }
        if (message.IpProtocol == Tcp && message.Flags.HasFlag(StartTlsFlags.Dtls))
            _log.LogDebug("pid {Pid} asks for DTLS over TCP: the flag is ignored", _application.ProcessId);
        _openRequests++;
        _registry.Tell(new SessionProtocol.Open(request with { Origin = _origin }, ciphertext!, Self));
    }

    private PoolFault? TooManyRequests => _openRequests >= _services.Policy.MaxRequestsPerConnection
        ? new PoolFault(PoolError.ConnectionHandlerSetup, "too many open requests on this connection: wait for some to end")
        : null;

    private void Renegotiate(ushort requestId, StartTlsMessage message)
    {
        PoolFault? fault =
            !_services.Policy.Facilities.HasFlag(Facilities.StartTls) ? new PoolFault(PoolError.FacilityStartTls)
            : message.Flags.HasFlag(StartTlsFlags.LocalIdOnTheFly)
                ? new PoolFault(PoolError.CommandNotImplemented, "LOCALID_ONTHEFLY is for new sessions")
            : TooManyRequests;
        if (fault is not null)
        {
            Respond(requestId, fault);
            return;
        }
        var order = new RenewalOrder(requestId, _application, SessionRequest.Authentication(message.Flags), message) { Origin = _origin };
        AskRegistry(new SessionProtocol.Renew(order, Self));
    }

    private void Ask(SendCallback callback)
    {
        if (_callbacks.Add(callback.Asker, callback.RequestId, callback.Command) is not { } id)
        {
            callback.Asker.Tell(new CallbackRefused(new PoolFault(PoolError.OutOfMemory, "too many open callbacks on this connection")));
            return;
        }
        Send(new Frame(callback.RequestId, id, callback.Command, callback.Body));
    }

    private void TakeAnswer(FrameArrived answer)
    {
        Frame frame = answer.Frame;
        CallbackTable.Callback? callback = _callbacks.Take(frame.CallbackId, out bool expired);
        if (callback is null)
        {
            answer.Descriptor?.Dispose();
            if (expired && frame.Body is PinEntryMessage late)
            {
                TakeLatePin(frame.RequestId, late);
                return;
            }
            (frame.Body as PinEntryMessage)?.ClearPin();
            if (expired)
                _log.LogDebug("pid {Pid} answered a callback too late", _application.ProcessId);
            else
                Respond(frame.RequestId, new PoolFault(PoolError.CommandBadCallbackResponse, "no such callback is open on this connection"));
            return;
        }
        PoolFault? fault = frame.Command == Command.Error ? new PoolFault(PoolError.ClientRefusesCallback)
            : frame.Command != callback.Command ? new PoolFault(PoolError.CommandBadCallbackResponse)
            : answer.Surplus ? new PoolFault(PoolError.SuperfluousSocket)
            : null;
        if (callback.Command == Command.PinEntry)
        {
            if (answer.Descriptor is not null)
                fault ??= new PoolFault(PoolError.SuperfluousSocket);
            answer.Descriptor?.Dispose();
            TakePinAnswer(frame, fault);
            return;
        }
        if (fault is null)
        {
            callback.Asker.Tell(new CallbackAnswered(frame.Body, answer.Descriptor));
            return;
        }
        answer.Descriptor?.Dispose();
        (frame.Body as PinEntryMessage)?.ClearPin();
        callback.Asker.Tell(new CallbackRefused(fault));
    }

    private void Reject(FrameRejected rejected)
    {
        if (rejected.CallbackId == 0)
        {
            Respond(rejected.RequestId, rejected.Fault);
            return;
        }
        CallbackTable.Callback? callback = _callbacks.Take(rejected.CallbackId, out bool expired);
        if (callback?.Command == Command.PinEntry)
            SpoilPinAnswer(rejected.RequestId, rejected.Fault);
        else if (callback is not null)
            callback.Asker.Tell(new CallbackRefused(rejected.Fault));
        else if (!expired)
            Respond(rejected.RequestId, rejected.Fault);
    }

    private void Complete(ushort requestId, PoolFault fault) => Complete(requestId, Command.Error, fault.ToMessage());

    private void Complete(ushort requestId, Command command, Message body)
    {
        _openRequests--;
        Respond(requestId, command, body);
    }

    private void Respond(ushort requestId, PoolFault fault) => Respond(requestId, Command.Error, fault.ToMessage());

    private void Respond(ushort requestId, Command command, Message body) => Send(new Frame(requestId, 0, command, body));

    private void Send(Frame frame)
    {
        Span<byte> bytes = stackalloc byte[Frame.Size];
        FrameCodec.Encode(frame, bytes);
        _transport.Send(bytes);
    }
}
