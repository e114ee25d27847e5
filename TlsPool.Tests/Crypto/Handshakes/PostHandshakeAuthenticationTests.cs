using System.Security.Cryptography;
using NUnit.Framework;
using Org.BouncyCastle.Crypto.Digests;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>The messages of an authentication after the handshake, right and wrong ones.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PostHandshakeAuthenticationTests
{
    private static readonly Lazy<TestIdentity> User = new(() => TestIdentity.Ecdsa("user@client.example"));
    private static readonly Lazy<TestIdentity> Forger = new(() => TestIdentity.Ecdsa("user@client.example"));

    private static PostHandshakeTranscript Transcript(byte seed = 1)
    {
        var hash = new EngineHash(new Sha256Digest());
        hash.Update([seed]);
        return new PostHandshakeTranscript(hash, HashAlgorithmName.SHA256);
    }

    private static PostHandshake13 Client(byte seed = 1) => new(isClient: true) { Client = new PostHandshakeClient(Transcript(seed)) };

    private static PostHandshake13 Server() => new() { Server = new PostHandshakeServer(Transcript(), EngineProfile.For(new HandshakeSettings())) };

    /// <summary>A server's request, and what a client answers.</summary>
    private static (PostHandshake13 Server, Wire Wire, List<byte[]> Flight) Answered(
        PeerAuthentication authentication = PeerAuthentication.Demand, TestAnswers? answers = null, byte clientKey = 1, byte clientSeed = 1)
    {
        PostHandshake13 server = Server();
        var wire = new Wire();
        Assert.That(server.Server!.Request(authentication, wire), Is.True);
        PostHandshake13 client = Client(clientSeed);
        var other = new Wire { Key = clientKey };
        client.Receive(wire.Sent[0], other);
        answers ??= new TestAnswers(User.Value);
        while (other.Questions.TryDequeue(out HandshakeQuestion? question))
            client.Answer(answers.Answer(question), other);
        Assert.That(other.Identities, Has.Count.EqualTo(1));
        return (server, wire, Split(other.Sent.Single()));
    }

    private static List<byte[]> Split(byte[] flight)
    {
        var messages = new List<byte[]>();
        for (int at = 0; at < flight.Length; at += messages[^1].Length)
            messages.Add(flight[at..(at + 4 + (flight[at + 1] << 16 | flight[at + 2] << 8 | flight[at + 3]))]);
        return messages;
    }

    private static AlertCode AlertOf(Action action) => Assert.Throws<RecordException>(action)!.Alert;

    [Test]
    public void A_flight_may_come_in_any_pieces_and_is_judged_at_its_end()
    {
        (PostHandshake13 server, Wire wire, List<byte[]> flight) = Answered();
        Assert.That(flight.Select(message => message[0]), Is.EqualTo(new byte[] { 11, 15, 20 }));
        foreach (byte one in flight.SelectMany(message => message))
        {
            Assert.That(wire.Questions, Is.Empty);
            server.Receive([one], wire);
        }
        Assert.That(server.IsInsideMessage, Is.False);
        Assert.That(((PeerQuestion)wire.Questions.Single()).Chain[0].ToArray(), Is.EqualTo(User.Value.Certificate));
        Assert.That(wire.Identities, Is.Empty);
        server.Answer(new PeerAcceptedAnswer(), wire);
        Assert.That(wire.Identities.Single().PeerChain, Has.Count.EqualTo(1));
        // It is not asked twice.
        server.Answer(new PeerAcceptedAnswer(), wire);
        Assert.That(wire.Identities, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_client_may_have_nobody_to_show_unless_that_is_demanded([Values] PeerAuthentication authentication)
    {
        (PostHandshake13 server, Wire wire, List<byte[]> flight) = Answered(authentication, new TestAnswers(null));
        Assert.That(flight.Select(message => message[0]), Is.EqualTo(new byte[] { 11, 20 }));
        byte[] all = [.. flight.SelectMany(message => message)];
        if (authentication == PeerAuthentication.Demand)
        {
            Assert.That(AlertOf(() => server.Receive(all, wire)), Is.EqualTo(AlertCode.CertificateRequired));
            return;
        }
        server.Receive(all, wire);
        Assert.That(wire.Identities.Single().PeerChain, Is.Empty);
    }

    [Test]
    public void Nothing_comes_between_the_messages_of_a_flight()
    {
        (PostHandshake13 server, Wire wire, List<byte[]> flight) = Answered();
        foreach (byte[] message in flight[..2])
        {
            server.Receive(message, wire);
            Assert.That(server.IsInsideMessage, "so that data is refused");
            Assert.That(AlertOf(() => server.Receive([24, 0, 0, 1, 0], wire)), Is.EqualTo(AlertCode.UnexpectedMessage));
        }
    }

    [TestCase("another context", AlertCode.IllegalParameter)]
    [TestCase("no certificate first", AlertCode.UnexpectedMessage)]
    [TestCase("no signature", AlertCode.UnexpectedMessage)]
    [TestCase("twice", AlertCode.UnexpectedMessage)]
    [TestCase("damaged signature", AlertCode.DecryptError)]
    [TestCase("another scheme", AlertCode.IllegalParameter)]
    [TestCase("weak scheme", AlertCode.IllegalParameter)]
    [TestCase("damaged certificate", AlertCode.BadCertificate)]
    [TestCase("damaged finished", AlertCode.DecryptError)]
    [TestCase("short finished", AlertCode.DecryptError)]
    [TestCase("more in the certificate", AlertCode.DecodeError)]
    [TestCase("more in the signature", AlertCode.DecodeError)]
    [TestCase("empty", AlertCode.DecodeError)]
    public void A_wrong_flight_ends_the_session(string wrong, AlertCode alert)
    {
        (PostHandshake13 server, Wire wire, List<byte[]> flight) = Answered();
        byte[] Longer(byte[] message) => [message[0], 0, (byte)((message.Length - 3) >> 8), (byte)(message.Length - 3), .. message[4..], 0];
        switch (wrong)
        {
            case "another context":
                flight[0][5] ^= 1;
                break;
            case "no certificate first":
                flight.RemoveAt(0);
                break;
            case "no signature":
                flight.RemoveAt(1);
                break;
            case "twice":
                flight.AddRange([.. flight]);
                break;
            case "damaged signature":
                flight[1][^1] ^= 1;
                break;
            case "another scheme":
                (flight[1][4], flight[1][5]) = (8, 0x1a);
                break;
            case "weak scheme":
                (flight[1][4], flight[1][5]) = (2, 3);
                break;
            case "damaged certificate":
                flight[0].AsSpan(4 + 1 + 16 + 3 + 3).Fill(0x30);
                flight[0][^2] = flight[0][^1] = 0;
                break;
            case "damaged finished":
                flight[2][^1] ^= 1;
                break;
            case "short finished":
                flight[2] = [20, 0, 0, 1, 0];
                break;
            case "more in the certificate":
                flight[0] = Longer(flight[0]);
                break;
            case "more in the signature":
                flight[1] = Longer(flight[1]);
                break;
            default:
                flight[0] = [11, 0, 0, 0];
                break;
        }
        Assert.That(AlertOf(() => flight.ForEach(message => server.Receive(message, wire))), Is.EqualTo(alert));
        Assert.That(wire.Identities, Is.Empty);
    }

    [Test]
    public void A_flight_of_another_session_or_of_other_keys_proves_nothing()
    {
        (PostHandshake13 server, Wire wire, List<byte[]> flight) = Answered(clientSeed: 2);
        server.Receive(flight[0], wire);
        Assert.That(AlertOf(() => server.Receive(flight[1], wire)), Is.EqualTo(AlertCode.DecryptError));
        (server, wire, flight) = Answered(clientKey: 2);
        server.Receive(flight[0], wire);
        server.Receive(flight[1], wire);
        Assert.That(AlertOf(() => server.Receive(flight[2], wire)), Is.EqualTo(AlertCode.DecryptError));
        (server, wire, flight) = Answered(answers: new TestAnswers(User.Value) { Signer = Forger.Value });
        server.Receive(flight[0], wire);
        Assert.That(AlertOf(() => server.Receive(flight[1], wire)), Is.EqualTo(AlertCode.DecryptError));
    }

    [Test]
    public void What_was_not_asked_for_ends_the_session()
    {
        (_, _, List<byte[]> flight) = Answered();
        foreach (byte[] message in flight)
        {
            Assert.That(AlertOf(() => Server().Receive(message, new Wire())), Is.EqualTo(AlertCode.UnexpectedMessage));
            Assert.That(AlertOf(() => new PostHandshake13().Receive(message, new Wire())), Is.EqualTo(AlertCode.UnexpectedMessage));
            Assert.That(AlertOf(() => Client().Receive(message, new Wire())), Is.EqualTo(AlertCode.UnexpectedMessage));
        }
        byte[] request = Request(1);
        Assert.That(AlertOf(() => new PostHandshake13(isClient: true).Receive(request, new Wire())), Is.EqualTo(AlertCode.UnexpectedMessage), "not offered");
        Assert.That(AlertOf(() => Server().Receive(request, new Wire())), Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    [Test]
    public void Only_one_request_is_open_at_a_time()
    {
        (PostHandshake13 server, Wire wire, List<byte[]> flight) = Answered();
        Assert.That(server.Server!.Request(PeerAuthentication.Demand, wire), Is.False);
        flight.ForEach(message => server.Receive(message, wire));
        Assert.That(server.Server.Request(PeerAuthentication.Demand, wire), Is.False, "the verdict is awaited");
        server.Answer(new PeerAcceptedAnswer(), wire);
        Assert.That(server.Server.Request(PeerAuthentication.Demand, wire), Is.True);
        Assert.That(wire.Sent[1], Is.Not.EqualTo(wire.Sent[0]), "contexts are unique");
    }

    [Test]
    public void A_client_answers_requests_one_after_the_other_and_not_without_end()
    {
        PostHandshake13 client = Client();
        var wire = new Wire();
        for (byte i = 1; i <= PostHandshakeClient.MaxRequests; i++)
            client.Receive(Request(i), wire);
        Assert.That(wire.Questions, Has.Count.EqualTo(1), "the others wait");
        var answers = new TestAnswers(User.Value);
        while (wire.Questions.TryDequeue(out HandshakeQuestion? question))
            client.Answer(answers.Answer(question), wire);
        Assert.That(wire.Sent.Select(flight => flight[5]), Is.EqualTo(Enumerable.Range(1, PostHandshakeClient.MaxRequests)));
        Assert.That(AlertOf(() => client.Receive(Request(99), wire)), Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    [Test]
    public void A_client_declines_where_it_cannot_or_may_not_answer()
    {
        foreach (bool signing in new[] { false, true })
        {
            PostHandshake13 client = Client();
            var wire = new Wire();
            client.Receive(Request(1), wire);
            if (signing)
                client.Answer(new CredentialAnswer([User.Value.Credential]), wire);
            client.Answer(new RefusalAnswer(AlertCode.InternalError, "no"), wire);
            Assert.That(Split(wire.Sent.Single()).Select(message => message[0]), Is.EqualTo(new byte[] { 11, 20 }));
            Assert.That(wire.Identities.Single().Credential, Is.Null);
        }
        // Only RSA is asked for.
        PostHandshake13 other = Client();
        var its = new Wire();
        other.Receive([13, 0, 0, 12, 1, 1, 0, 8, 0, 13, 0, 4, 0, 2, 8, 4], its);
        other.Answer(new CredentialAnswer([User.Value.Credential]), its);
        Assert.That(Split(its.Sent.Single()).Select(message => message[0]), Is.EqualTo(new byte[] { 11, 20 }));
    }

    [Test]
    public void A_wrong_request_ends_the_session()
    {
        Assert.Multiple(() =>
        {
            Assert.That(AlertOf(() => Client().Receive([13, 0, 0, 0], new Wire())), Is.EqualTo(AlertCode.DecodeError));
            Assert.That(AlertOf(() => Client().Receive([13, 0, 0, 4, 1, 1, 0, 0], new Wire())), Is.EqualTo(AlertCode.DecodeError), "no extensions");
            Assert.That(AlertOf(() => Client().Receive([13, 0, 0, 8, 1, 1, 0, 4, 0, 50, 0, 0], new Wire())), Is.EqualTo(AlertCode.MissingExtension));
            Assert.That(AlertOf(() => Client().Receive([13, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3], new Wire())), Is.EqualTo(AlertCode.IllegalParameter), "no context");
            Assert.That(AlertOf(() => Client().Receive([.. Request(1)[..3], 13, .. Request(1)[4..], 0], new Wire())), Is.EqualTo(AlertCode.DecodeError), "more");
            Assert.That(
                AlertOf(() => Client().Receive([13, 0, 0, 20, 1, 1, 0, 16, 0, 13, 0, 4, 0, 2, 4, 3, 0, 13, 0, 4, 0, 2, 4, 3], new Wire())),
                Is.EqualTo(AlertCode.IllegalParameter), "an extension twice");
        });
        PostHandshake13 client = Client();
        client.Receive(Request(7), new Wire());
        Assert.That(AlertOf(() => client.Receive(Request(7), new Wire())), Is.EqualTo(AlertCode.IllegalParameter), "a context twice");
    }

    /// <summary>A request for ECDSA with P-256.</summary>
    private static byte[] Request(byte context) => [13, 0, 0, 12, 1, context, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3];

    private sealed class Wire : IPostHandshakeSession
    {
        internal byte Key { get; init; } = 1;

        internal List<byte[]> Sent { get; } = [];

        internal Queue<HandshakeQuestion> Questions { get; } = [];

        internal List<PostHandshakeIdentity> Identities { get; } = [];

        public void Send(ContentType type, ReadOnlySpan<byte> content) => Sent.Add(content.ToArray());

        public void PeerRenegotiates(byte[] message) => throw new NotSupportedException();

        public void UpdateSealer()
        {
        }

        public void UpdateOpener()
        {
        }

        public void Ask(HandshakeQuestion question) => Questions.Enqueue(question);

        public byte[] FinishedKey(bool ofPeer) => [.. Enumerable.Repeat(Key, 32)];

        public void Authenticated(PostHandshakeIdentity identity) => Identities.Add(identity);
    }
}
