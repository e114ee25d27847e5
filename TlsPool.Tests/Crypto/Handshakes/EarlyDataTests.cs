using System.Security.Cryptography;
using NUnit.Framework;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Clients that were promised early data by some other server send it to this one, which takes none (RFC 8446 section 4.2.10).</summary>
[Parallelizable(ParallelScope.All)]
public sealed class EarlyDataTests
{
    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    public void Early_data_is_skipped_and_the_handshake_goes_on(bool retry, bool answersLater)
    {
        TestAnswers answers = new(TestIdentity.Ecdsa(), answersLater);
        using HandshakeMachine server = Server(answers);
        var client = new Client(retry);
        var protocol = new TlsClientProtocol();
        HandshakeStatus status = server.Start();
        protocol.Connect(client);
        bool early = false;
        byte[] waiting = [];
        for (int round = 0; round < 20 && status != HandshakeStatus.Done && status != HandshakeStatus.Failed; round++)
        {
            waiting = [.. waiting, .. Output(protocol)];
            if (!early)
                waiting = [.. waiting, .. Early(1), .. Early(100), .. Early(16_000)];
            early = true;
            status = server.Offer(waiting, out int consumed);
            waiting = waiting[consumed..];
            while (status == HandshakeStatus.Asking)
                status = server.Answer(answers.Answer(server.Question!));
            byte[] buffer = new byte[20_000];
            for (int count; (count = server.ReadOutput(buffer)) > 0;)
                protocol.OfferInput(buffer, 0, count);
        }
        Assert.That(server.Fault, Is.Null);
        Assert.That(status, Is.EqualTo(HandshakeStatus.Done));
        protocol.WriteApplicationData("later"u8.ToArray(), 0, 5);
        byte[] record = Output(protocol);
        Assert.That(server.Outcome!.Opener.Open(record).Length, Is.EqualTo(5));
    }

    [Test]
    public void Early_data_without_end_ends_the_handshake()
    {
        TestAnswers answers = new(TestIdentity.Ecdsa());
        using HandshakeMachine server = Server(answers);
        var protocol = new TlsClientProtocol();
        HandshakeStatus status = server.Start();
        protocol.Connect(new Client(retry: false));
        server.Offer(Output(protocol), out _);
        for (int i = 0; i < 100 && status != HandshakeStatus.Failed; i++)
            status = server.Offer(Early(16_000), out _);
        Assert.That(status, Is.EqualTo(HandshakeStatus.Failed));
    }

    private static HandshakeMachine Server(TestAnswers answers) => new(
        new HandshakeSettings(), new HandshakeRequest(TlsRole.Server, PeerAuthentication.Ignore, null, [], null), answers);

    private static byte[] Early(int size) => [23, 3, 3, (byte)((size + 16) >> 8), (byte)(size + 16), .. RandomNumberGenerator.GetBytes(size + 16)];

    private static byte[] Output(TlsClientProtocol protocol)
    {
        byte[] output = new byte[protocol.GetAvailableOutputBytes()];
        protocol.ReadOutput(output, 0, output.Length);
        return output;
    }

    private sealed class Client(bool retry) : DefaultTlsClient(new BcTlsCrypto(new SecureRandom()))
    {
        public override IDictionary<int, byte[]> GetClientExtensions()
        {
            IDictionary<int, byte[]> extensions = base.GetClientExtensions();
            extensions[ExtensionType.early_data] = [];
            return extensions;
        }

        public override IList<int>? GetEarlyKeyShareGroups() => retry ? null : base.GetEarlyKeyShareGroups();

        public override TlsAuthentication GetAuthentication() => new TrustAll();

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();
    }

    private sealed class TrustAll : TlsAuthentication
    {
        public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => null;

        public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
            // Whoever it is.
        }
    }
}
