using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// Messages after a TLS 1.2 handshake: wishes to renegotiate. They are passed on where that is secure and the peer does not overdo it, since a
/// handshake costs this side more than asking for it costs the peer; else each is turned down politely, a bounded number of times.
/// </summary>
/// <param name="isClient">The local role.</param>
/// <param name="mayRenegotiate">True if it would be secure (RFC 5746, RFC 7627).</param>
internal sealed class PostHandshake12(bool isClient = false, bool mayRenegotiate = false) : IPostHandshake
{
    private const byte WarningLevel = 1;
    private const int MaxRefusals = 8;

    /// <summary>Renegotiations that a peer may begin within <see cref="Window"/>.</summary>
    internal const int MaxRenegotiations = 4;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly HandshakeMessages _messages = new();
    private byte _refusals;
    private bool _invited;
    private RateLimit _renegotiations;

    public bool IsInsideMessage => _messages.HasPartial;

    public void Receive(ReadOnlySpan<byte> content, IPostHandshakeSession session) =>
        _messages.Add(content, (type, body) => Take(type, body, session));

    public void SendKeyUpdate(bool requestAnswer, IPostHandshakeSession session)
    {
        // TLS 1.2 has none.
    }

    /// <summary>This side has asked for it: the next renegotiation is not counted.</summary>
    internal void Invite() => _invited = true;

    /// <summary>Turns a wish to renegotiate down.</summary>
    /// <exception cref="RecordException">The peer has been told often enough.</exception>
    internal void Refuse(IPostHandshakeSession session)
    {
        if (++_refusals > MaxRefusals)
            throw new RecordException(AlertCode.UnexpectedMessage, "the peer insists on renegotiating");
        session.Send(ContentType.Alert, [WarningLevel, (byte)AlertCode.NoRenegotiation]);
    }

    private void Take(byte type, byte[] body, IPostHandshakeSession session)
    {
        bool wish = mayRenegotiate ? type == (isClient ? HandshakeTypes.HelloRequest : HandshakeTypes.ClientHello) : type is HandshakeTypes.HelloRequest or HandshakeTypes.ClientHello;
        if (!wish)
            throw new RecordException(AlertCode.UnexpectedMessage, "a handshake message came after the handshake");
        if (mayRenegotiate && type == HandshakeTypes.HelloRequest && body.Length > 0)
            throw new RecordException(AlertCode.DecodeError, "a request to renegotiate is malformed");
        if (mayRenegotiate && _messages.HasPartial)
            throw new RecordException(AlertCode.UnexpectedMessage, "something follows a wish to renegotiate");
        if (mayRenegotiate && !IsStorm())
            session.PeerRenegotiates(PostHandshakeMessages.Frame(type, body));
        else
            Refuse(session);
    }

    private bool IsStorm()
    {
        if (_invited)
        {
            _invited = false;
            return false;
        }
        return !_renegotiations.TryTake(MaxRenegotiations, Window);
    }
}
