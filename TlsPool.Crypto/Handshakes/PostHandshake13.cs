using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Messages after a TLS 1.3 handshake (RFC 8446 section 4.6): tickets on clients, key updates on both sides.</summary>
/// <param name="isClient">True on a client: only it gets tickets.</param>
/// <param name="keeper">Takes tickets on a client that resumes; null ignores them.</param>
internal sealed class PostHandshake13(bool isClient = false, SessionKeeper13? keeper = null) : IPostHandshake
{
    private const byte NewSessionTicket = 4;
    private const byte KeyUpdate = 24;

    /// <summary>More updates in a second are an attack on this side's processor.</summary>
    private const int MaxUpdates = 32;

    private readonly HandshakeMessages _messages = new();
    private int _updates;
    private long _windowStart = Environment.TickCount64;

    public bool IsInsideMessage => _messages.HasPartial;

    public void Receive(ReadOnlySpan<byte> content, IPostHandshakeSession session) =>
        _messages.Add(content, (type, body) => Take(type, body, session));

    public void SendKeyUpdate(bool requestAnswer, IPostHandshakeSession session)
    {
        session.Send(ContentType.Handshake, [KeyUpdate, 0, 0, 1, requestAnswer ? (byte)1 : (byte)0]);
        session.UpdateSealer();
    }

    private void Take(byte type, byte[] body, IPostHandshakeSession session)
    {
        switch (type)
        {
            case NewSessionTicket when isClient:
                keeper?.Take(body);
                break;
            case KeyUpdate:
                if (body.Length != 1 || body[0] > 1)
                    throw new RecordException(AlertCode.IllegalParameter, "a key update is malformed");
                if (_messages.HasPartial)
                    throw new RecordException(AlertCode.UnexpectedMessage, "a key update is not the last message of its record");
                CountUpdate();
                session.UpdateOpener();
                if (body[0] == 1)
                    SendKeyUpdate(requestAnswer: false, session);
                break;
            default:
                throw new RecordException(AlertCode.UnexpectedMessage, "a handshake message came after the handshake");
        }
    }

    private void CountUpdate()
    {
        long now = Environment.TickCount64;
        if (now - _windowStart > 1000)
            (_windowStart, _updates) = (now, 0);
        if (++_updates > MaxUpdates)
            throw new RecordException(AlertCode.UnexpectedMessage, "the peer updates its keys too often");
    }
}
