using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Messages after a TLS 1.3 handshake (RFC 8446 section 4.6): tickets on clients, key updates and client authentication on both sides.</summary>
/// <param name="isClient">True on a client: only it gets tickets.</param>
/// <param name="keeper">Takes tickets on a client that resumes; null ignores them.</param>
internal sealed class PostHandshake13(bool isClient = false, SessionKeeper13? keeper = null) : IPostHandshake
{
    /// <summary>More updates within <see cref="Window"/> are an attack on this side's processor.</summary>
    private const int MaxUpdates = 32;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly HandshakeMessages _messages = new();
    private RateLimit _updates;

    /// <summary>Authenticates this client later; null if it has not offered to.</summary>
    internal PostHandshakeClient? Client { get; init; }

    /// <summary>Asks the client later; null if it has not offered to answer.</summary>
    internal PostHandshakeServer? Server { get; init; }

    public bool IsInsideMessage => _messages.HasPartial || Server is { IsInsideFlight: true };

    public void Receive(ReadOnlySpan<byte> content, IPostHandshakeSession session) =>
        _messages.Add(content, (type, body) => Take(type, body, session));

    public void SendKeyUpdate(bool requestAnswer, IPostHandshakeSession session)
    {
        session.Send(ContentType.Handshake, [HandshakeTypes.KeyUpdate, 0, 0, 1, requestAnswer ? (byte)1 : (byte)0]);
        session.UpdateSealer();
    }

    /// <summary>Takes the answer to a question of an authentication.</summary>
    /// <exception cref="RecordException">The peer may not pass.</exception>
    internal void Answer(HandshakeAnswer answer, IPostHandshakeSession session)
    {
        Client?.Answer(answer, session);
        Server?.Answer(answer, session);
    }

    private void Take(byte type, byte[] body, IPostHandshakeSession session)
    {
        switch (type)
        {
            case HandshakeTypes.NewSessionTicket when isClient:
                keeper?.Take(body);
                break;
            case HandshakeTypes.KeyUpdate when Server is not { IsInsideFlight: true }:
                if (body.Length != 1 || body[0] > 1)
                    throw new RecordException(AlertCode.IllegalParameter, "a key update is malformed");
                if (_messages.HasPartial)
                    throw new RecordException(AlertCode.UnexpectedMessage, "a key update is not the last message of its record");
                if (!_updates.TryTake(MaxUpdates, Window))
                    throw new RecordException(AlertCode.UnexpectedMessage, "the peer updates its keys too often");
                session.UpdateOpener();
                if (body[0] == 1)
                    SendKeyUpdate(requestAnswer: false, session);
                break;
            case HandshakeTypes.CertificateRequest when Client is not null:
                Client.Take(body, session);
                break;
            case HandshakeTypes.Certificate or HandshakeTypes.CertificateVerify or HandshakeTypes.Finished when Server is not null:
                Server.Take(type, body, session);
                break;
            default:
                throw new RecordException(AlertCode.UnexpectedMessage, "a handshake message came after the handshake");
        }
    }
}
