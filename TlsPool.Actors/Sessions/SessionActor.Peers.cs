using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Handshakes.Peers;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>
/// Sessions whose other side may be client or server. Whoever may become the client is asked or decided about as such before the first byte;
/// should this side serve, it is who the application said or who the client asks for, as any server.
/// </content>
public sealed partial class SessionActor
{
    private SessionRequest? _asServer;
    private LocalIdGate? _serverGate;
    private SessionBridge? _serverBridge;

    private void StartAsPeer()
    {
        HandshakeSettings settings = _services.Policy.Handshakes;
        HandshakeRequest request = HandshakeRequests.For(_request, _ciphertext!);
        PeerNegotiation negotiation;
        if (_asServer is { } asServer)
        {
            _serverGate = new LocalIdGate(_services, asServer, _number);
            if (RefusedLocalId(asServer, _serverGate) is { } fault)
            {
                Fail(fault, AlertCode.UserCanceled);
                return;
            }
            _serverBridge = new SessionBridge(_services, asServer, _serverGate, Self) { Trace = _trace };
            negotiation = PeerNegotiation.Either(settings, request, _bridge, HandshakeRequests.For(asServer, _ciphertext!), _serverBridge);
        }
        else
        {
            negotiation = _request.Role == TlsRole.Client
                ? PeerNegotiation.ClientOnly(settings, request, _bridge)
                : PeerNegotiation.ServerOnly(settings, request, _bridge);
        }
        Become(Handshaking);
        _pump = SessionPump.Start(_services.Loops.Next(), _ciphertext!, negotiation, _bridge);
        _ciphertext = null;
    }

    private void TakeRole(TlsRole role)
    {
        if (_asServer is { } asServer && role == TlsRole.Server)
        {
            (_request, _gate, _bridge) = (asServer, _serverGate!, _serverBridge!);
            // It was about a client.
            _choice = null;
        }
        StartTlsFlags decided = role == TlsRole.Client
            ? StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer
            : StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient;
        _request = _request with { Message = _request.Message with { Flags = (_request.Message.Flags & ~StartTlsFlags.BothRolesPeer) | decided } };
        (_asServer, _serverGate, _serverBridge) = (null, null, null);
    }
}
