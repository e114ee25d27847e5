using System.Buffers.Binary;
using Org.BouncyCastle.Tls;

namespace TlsPool.Crypto.Handshakes;

/// <summary>BouncyCastle's client with the hooks that resumption needs.</summary>
internal sealed class ClientProtocol(ClientPeer peer) : TlsClientProtocol
{
    internal void Abort(short alert, string reason) => HandleException(alert, reason, null!);

    /// <summary>Puts the ticket's age into the encoded extension, before the binder is computed over it (RFC 8446 section 4.2.11).</summary>
    protected override void SendClientHelloMessage()
    {
        if (peer.Offered13 is { } offered && m_clientExtensions.TryGetValue(ExtensionType.pre_shared_key, out byte[]? encoded))
        {
            byte[] aged = encoded.AsSpan().ToArray();
            // identities: length of the list (2), length of the ticket (2), ticket, age (4)
            BinaryPrimitives.WriteUInt32BigEndian(aged.AsSpan(4 + offered.Ticket.Length), peer.TicketAge);
            m_clientExtensions[ExtensionType.pre_shared_key] = aged;
        }
        base.SendClientHelloMessage();
    }

    protected override void ProcessServerHello(ServerHello serverHello)
    {
        peer.ServerAnswers(serverHello);
        base.ProcessServerHello(serverHello);
    }

    protected override void Send13FinishedMessage()
    {
        base.Send13FinishedMessage();
        peer.Transcript = Transcript.With(this, []);
    }

    /// <summary>RFC 5077 section 3.4 allows a new ticket in an abbreviated handshake; BouncyCastle does not. It is in the transcript by now.</summary>
    protected override void HandleHandshakeMessage(short type, HandshakeMessageInput buf)
    {
        if (type == HandshakeType.new_session_ticket && Context.SecurityParameters is { IsResumedSession: true } && !IsTlsV13ConnectionState())
        {
            peer.NotifyNewSessionTicket(NewSessionTicket.Parse(buf));
            return;
        }
        MalformedMessages.Guard(() => base.HandleHandshakeMessage(type, buf));
    }
}
