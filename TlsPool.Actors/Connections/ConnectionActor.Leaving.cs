using System.Threading.Channels;
using Akka.Actor;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.IO;
using static TlsPool.Actors.Connections.ConnectionProtocol;

namespace TlsPool.Actors.Connections;

/// <content>
/// Leaving for a successor. Nothing is read while it is decided, so that no frame is lost between the processes:
/// <code>
/// Leave ─► CheckFree ─Freedom─► Hold ─Held─► CheckFree ─Freedom─► Release ─Released─► (this actor ends)
/// </code>
/// What turns out not to be free on the way stays, and is asked again. A program that enters PINs or chooses identities has a request open as
/// long as it lives: its connection is closed, and it finds the successor as it finds any daemon after a restart.
/// </content>
public sealed partial class ConnectionActor
{
    private ChannelWriter<MovingConnection>? _leavingTo;
    private bool _isHeld;
    private bool _isEntryProgram;

    private bool IsAtRest => _openRequests == 0 && _receiver.IsDone && !_callbacks.Open.Any();

    private bool TakeLeaving(object message)
    {
        switch (message)
        {
            case Leave leave:
                if (_leavingTo is not null || !(IsAtRest || _isEntryProgram))
                    return true;
                _leavingTo = leave.To;
                _registry.Tell(new SessionProtocol.CheckFree(Self));
                return true;
            case SessionProtocol.Freedom { IsFree: true } when _isEntryProgram:
                Context.Stop(Self);
                return true;
            case SessionProtocol.Freedom { IsFree: true } when IsAtRest:
                GoOn();
                return true;
            case SessionProtocol.Freedom:
                Stay();
                return true;
            case Held:
                _isHeld = true;
                _registry.Tell(new SessionProtocol.CheckFree(Self));
                return true;
            case Released { Socket: { } socket }:
                if (!_leavingTo!.TryWrite(new MovingConnection(socket, _origin.Socket)))
                    socket.Dispose();
                Context.Stop(Self);
                return true;
            case Released:
                Stay();
                return true;
            default:
                return false;
        }
    }

    private void GoOn()
    {
        IActorRef self = Self;
        if (_isHeld)
            _transport.Release(socket => self.Tell(new Released(socket), ActorRefs.NoSender));
        else
            _transport.Hold(() => self.Tell(Held.Instance, ActorRefs.NoSender));
    }

    private void Stay()
    {
        if (_isHeld)
            _transport.LetGo();
        (_isHeld, _leavingTo) = (false, null);
    }

    private sealed record Held
    {
        internal static Held Instance { get; } = new();
    }

    private sealed record Released(SafeDescriptor? Socket) : ICarriesDescriptor
    {
        SafeDescriptor? ICarriesDescriptor.Descriptor => Socket;
    }
}
