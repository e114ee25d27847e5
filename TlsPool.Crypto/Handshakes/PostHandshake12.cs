using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Messages after a TLS 1.2 handshake: each wish to renegotiate is turned down politely, a bounded number of times.</summary>
internal sealed class PostHandshake12 : IPostHandshake
{
    private const byte HelloRequest = 0;
    private const byte ClientHello = 1;
    private const byte WarningLevel = 1;
    private const int MaxRefusals = 8;

    private readonly HandshakeMessages _messages = new();
    private int _refusals;

    public bool IsInsideMessage => _messages.HasPartial;

    public void Receive(ReadOnlySpan<byte> content, IPostHandshakeSession session) =>
        _messages.Add(content, (type, _) =>
        {
            if (type is not (HelloRequest or ClientHello) || ++_refusals > MaxRefusals)
                throw new RecordException(AlertCode.UnexpectedMessage, "a handshake message came after the handshake");
            session.Send(ContentType.Alert, [WarningLevel, (byte)AlertCode.NoRenegotiation]);
        });

    public void SendKeyUpdate(bool requestAnswer, IPostHandshakeSession session)
    {
        // TLS 1.2 has none.
    }
}
