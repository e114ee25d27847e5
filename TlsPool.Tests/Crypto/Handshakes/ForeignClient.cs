using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>A client of TLS 1.2 with habits that this engine's own client has not.</summary>
internal sealed class ForeignClient() : DefaultTlsClient(new BcTlsCrypto())
{
    internal int[] Suites { get; init; } = [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

    internal bool ExtendedMasterSecret { get; init; } = true;

    internal bool EncryptThenMac { get; init; } = true;

    internal short MaxFragment { get; init; }

    /// <summary>The ticket that the server gave.</summary>
    internal byte[]? Ticket { get; private set; }

    /// <summary>The alert that the server sent.</summary>
    internal short? Alert { get; private set; }

    public override bool ShouldUseExtendedMasterSecret() => ExtendedMasterSecret;

    public override IDictionary<int, byte[]> GetClientExtensions()
    {
        IDictionary<int, byte[]> extensions = base.GetClientExtensions();
        extensions[ExtensionType.session_ticket] = [];
        if (!EncryptThenMac)
            extensions.Remove(ExtensionType.encrypt_then_mac);
        if (MaxFragment > 0)
            TlsExtensionsUtilities.AddMaxFragmentLengthExtension(extensions, MaxFragment);
        return extensions;
    }

    public override void NotifyNewSessionTicket(NewSessionTicket newSessionTicket) => Ticket = newSessionTicket.Ticket;

    public override void NotifyAlertReceived(short alertLevel, short alertDescription) => Alert = alertDescription;

    public override TlsAuthentication GetAuthentication() => new AnyServer();

    /// <summary>Shakes hands with a server of this engine.</summary>
    internal HandshakeMachine Shake(HandshakeSettings settings, TestAnswers answers)
    {
        var server = new HandshakeMachine(settings, new HandshakeRequest(TlsRole.Server, PeerAuthentication.Ignore, null, [], "scope"), answers);
        server.Start();
        var protocol = new TlsClientProtocol();
        protocol.Connect(this);
        byte[] buffer = new byte[64 * 1024];
        for (bool moved = true; moved;)
        {
            moved = false;
            for (int count; (count = protocol.GetAvailableOutputBytes()) > 0; moved = true)
            {
                protocol.ReadOutput(buffer, 0, count);
                server.Offer(buffer.AsSpan(0, count), out _);
            }
            for (int count; (count = server.ReadOutput(buffer)) > 0; moved = true)
            {
                try
                {
                    protocol.OfferInput(buffer, 0, count);
                }
                catch (TlsFatalAlertReceived)
                {
                    return server;
                }
            }
        }
        return server;
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => Suites;

    private sealed class AnyServer : TlsAuthentication
    {
        public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
            // Whoever it is.
        }

        public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => null;
    }
}
