using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Messages after the handshake: what is taken, answered and refused.</summary>
[Parallelizable(ParallelScope.All)]
public class PostHandshakeTests
{
    private static readonly byte[] Update = [24, 0, 0, 1, 0], UpdateAsked = [24, 0, 0, 1, 1];

    private static byte[] Ticket(uint lifetime, byte[] nonce, byte[] ticket, byte[] extensions, int? extensionsLength = null) =>
        Message(4, [
            (byte)(lifetime >> 24), (byte)(lifetime >> 16), (byte)(lifetime >> 8), (byte)lifetime, 1, 2, 3, 4, (byte)nonce.Length, .. nonce,
            (byte)(ticket.Length >> 8), (byte)ticket.Length, .. ticket,
            (byte)((extensionsLength ?? extensions.Length) >> 8), (byte)(extensionsLength ?? extensions.Length), .. extensions]);

    private static byte[] Message(byte type, byte[] body) => [type, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static (PostHandshake13 Messages, ClientSessionCache Cache) Client()
    {
        var cache = new ClientSessionCache(4, TimeProvider.System);
        return (new PostHandshake13(isClient: true, new SessionKeeper13(cache, "scope", HashAlgorithmName.SHA256, new byte[32], [], null)), cache);
    }

    private static AlertCode AlertOf(Action action) => Assert.Throws<RecordException>(action)!.Alert;

    [Test]
    public void A_ticket_is_kept()
    {
        (PostHandshake13 messages, ClientSessionCache cache) = Client();
        messages.Receive(Ticket(3600, [0], [1, 2, 3], []), new Session());

        ClientSession kept = cache.Take("scope")!;
        Assert.That(kept.Version, Is.EqualTo(TlsVersion.Tls13));
        Assert.That(kept.Expires, Is.EqualTo(DateTimeOffset.UtcNow.AddHours(1)).Within(TimeSpan.FromMinutes(1)));
        Assert.That(cache.Take("scope"), Is.Null, "it is used once");
    }

    [Test]
    public void A_ticket_is_kept_for_seven_days_at_most_and_not_at_all_for_none()
    {
        (PostHandshake13 messages, ClientSessionCache cache) = Client();
        messages.Receive(Ticket(uint.MaxValue, [0], [1], []), new Session());
        Assert.That(cache.Take("scope")!.Expires, Is.LessThan(DateTimeOffset.UtcNow.AddDays(7).AddMinutes(1)));
        messages.Receive(Ticket(0, [0], [1], []), new Session());
        Assert.That(cache.Take("scope"), Is.Null);
    }

    [Test]
    public void Tickets_may_share_records_and_span_them()
    {
        (PostHandshake13 messages, ClientSessionCache cache) = Client();
        byte[] two = [.. Ticket(60, [0], [1], []), .. Ticket(60, [1], [2], [0, 42, 0, 4, 0, 0, 0, 0])];
        foreach (byte one in two)
            messages.Receive([one], new Session());

        Assert.That(messages.IsInsideMessage, Is.False);
        Assert.That(cache.Take("scope"), Is.Not.Null);
        Assert.That(cache.Take("scope"), Is.Not.Null);
        Assert.That(cache.Take("scope"), Is.Null);
    }

    [Test]
    public void A_server_that_sends_tickets_without_end_is_not_believed_in()
    {
        (PostHandshake13 messages, ClientSessionCache cache) = Client();
        for (int i = 0; i < 100; i++)
            messages.Receive(Ticket(60, [(byte)i], [1], []), new Session());
        int kept = 0;
        while (cache.Take("scope") is not null)
            kept++;
        Assert.That(kept, Is.InRange(1, 8));
    }

    [Test]
    public void Malformed_tickets_end_the_session()
    {
        byte[][] malformed =
        [
            Message(4, []),
            Message(4, [0, 0, 0, 1, 0, 0, 0, 0]),
            Ticket(60, [0], [], []),
            Ticket(60, [0], [1], [], extensionsLength: 1),
            Ticket(60, [0], [1], [9], extensionsLength: 0),
            Message(4, [0, 0, 0, 60, 0, 0, 0, 0, 255, 1, 2]),
            Message(4, [0, 0, 0, 60, 0, 0, 0, 0, 0, 0xff, 0xff, 1]),
        ];
        foreach (byte[] message in malformed)
            Assert.That(AlertOf(() => Client().Messages.Receive(message, new Session())), Is.EqualTo(AlertCode.DecodeError));
    }

    [Test]
    public void Only_clients_get_tickets() =>
        Assert.That(AlertOf(() => new PostHandshake13().Receive(Ticket(60, [0], [1], []), new Session())), Is.EqualTo(AlertCode.UnexpectedMessage));

    [Test]
    public void A_key_update_is_followed_and_answered_where_asked()
    {
        var session = new Session();
        var messages = new PostHandshake13();
        messages.Receive(Update, session);
        Assert.That(session.Log, Is.EqualTo(new[] { "opener" }));
        messages.Receive(UpdateAsked, session);
        Assert.That(session.Log, Is.EqualTo(new[] { "opener", "opener", "Handshake 1800000100", "sealer" }));
    }

    [Test]
    public void A_key_update_is_the_last_message_of_its_record()
    {
        Assert.That(AlertOf(() => new PostHandshake13().Receive([.. Update, 4], new Session())), Is.EqualTo(AlertCode.UnexpectedMessage));
        Assert.That(AlertOf(() => new PostHandshake13().Receive([.. Update, .. Update], new Session())), Is.EqualTo(AlertCode.UnexpectedMessage));
        Assert.That(AlertOf(() => new PostHandshake13().Receive([24, 0, 0, 1, 2], new Session())), Is.EqualTo(AlertCode.IllegalParameter));
        Assert.That(AlertOf(() => new PostHandshake13().Receive([24, 0, 0, 0], new Session())), Is.EqualTo(AlertCode.IllegalParameter));
    }

    [Test]
    public void Key_updates_without_end_are_an_attack()
    {
        var messages = new PostHandshake13();
        Assert.That(
            AlertOf(() =>
            {
                for (int i = 0; i < 100_000; i++)
                    messages.Receive(UpdateAsked, new Session());
            }),
            Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    [TestCase((byte)0)]
    [TestCase((byte)1)]
    [TestCase((byte)2)]
    [TestCase((byte)8)]
    [TestCase((byte)11)]
    [TestCase((byte)13)]
    [TestCase((byte)20)]
    [TestCase((byte)255)]
    public void Other_messages_have_no_place_after_a_handshake_of_1_3(byte type) =>
        Assert.That(AlertOf(() => Client().Messages.Receive(Message(type, [0]), new Session())), Is.EqualTo(AlertCode.UnexpectedMessage));

    [Test]
    public void Messages_are_limited_in_length()
    {
        Assert.That(AlertOf(() => new PostHandshake13().Receive([4, 0xff, 0xff, 0xff], new Session())), Is.EqualTo(AlertCode.DecodeError));
        Assert.That(AlertOf(() => new PostHandshake13().Receive([], new Session())), Is.EqualTo(AlertCode.UnexpectedMessage));
        Assert.That(AlertOf(() => new PostHandshake12().Receive([1, 0xff, 0xff, 0xff], new Session())), Is.EqualTo(AlertCode.DecodeError));
    }

    [Test]
    public void Renegotiation_is_turned_down_some_times_and_then_ends_the_session([Values(0, 1)] byte type)
    {
        var session = new Session();
        var messages = new PostHandshake12();
        messages.Receive(Message(type, []), session);
        Assert.That(session.Log, Is.EqualTo(new[] { "Alert 0164" }));
        Assert.That(
            AlertOf(() =>
            {
                for (int i = 0; i < 100; i++)
                    messages.Receive(Message(type, []), session);
            }),
            Is.EqualTo(AlertCode.UnexpectedMessage));
        Assert.That(session.Log, Has.Count.LessThan(20));
        Assert.That(AlertOf(() => new PostHandshake12().Receive(Message(20, [0]), new Session())), Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    private sealed class Session : IPostHandshakeSession
    {
        internal List<string> Log { get; } = [];

        public void Send(ContentType type, ReadOnlySpan<byte> content) => Log.Add($"{type} {Convert.ToHexString(content)}");

        public void PeerRenegotiates(byte[] message) => Log.Add("renegotiation");

        public void UpdateSealer() => Log.Add("sealer");

        public void UpdateOpener() => Log.Add("opener");

        public void Ask(HandshakeQuestion question) => throw new NotSupportedException();

        public byte[] FinishedKey(bool ofPeer) => throw new NotSupportedException();

        public void Authenticated(PostHandshakeIdentity identity) => throw new NotSupportedException();
    }
}
