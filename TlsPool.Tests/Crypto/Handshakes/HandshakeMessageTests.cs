using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Handshake messages after the handshake, from a peer that means no good.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HandshakeMessageTests
{
    private static readonly byte[] EmptyTicket = [4, 0, 0, 0];

    [Test]
    public void A_server_refuses_session_tickets() =>
        Assert.That(
            () => new PostHandshake13().Receive(EmptyTicket, new Session()),
            Throws.InstanceOf<RecordException>().With.Property(nameof(RecordException.Alert)).EqualTo(AlertCode.UnexpectedMessage));

    [Test]
    public void A_client_that_does_not_resume_ignores_session_tickets() =>
        Assert.That(() => new PostHandshake13(isClient: true).Receive(EmptyTicket, new Session()), Throws.Nothing);

    [Test]
    public void Many_messages_in_one_record_cost_no_more_than_their_bytes()
    {
        byte[] record = [.. Enumerable.Repeat(EmptyTicket, 4096).SelectMany(message => message)];
        var messages = new HandshakeMessages();
        int taken = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        messages.Add(record, (_, _) => taken++);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(256 * 1024));
        Assert.That(taken, Is.EqualTo(4096));
        Assert.That(messages.HasPartial, Is.False);
    }

    [Test]
    public void A_long_message_in_single_bytes_costs_no_more_than_a_few_times_its_bytes()
    {
        byte[] message = [4, 0, 0xff, 0, .. Enumerable.Range(0, 0xff00).Select(i => (byte)i)];
        var messages = new HandshakeMessages();
        byte[] taken = [];
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte one in message)
            messages.Add([one], (_, body) => taken = body);
        // Eight times 64 KiB, and the delegates that this test makes.
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan((8 * 65536) + (128L * message.Length)));
        Assert.That(taken, Is.EqualTo(message[4..]));
    }

    [Test]
    public void Messages_may_be_cut_anywhere([Range(1, 9)] int piece)
    {
        byte[] stream = [.. Enumerable.Range(0, 20).SelectMany(i => new byte[] { (byte)i, 0, 0, (byte)(i % 5) }.Concat(Enumerable.Repeat((byte)i, i % 5)))];
        var messages = new HandshakeMessages();
        var types = new List<byte>();
        for (int at = 0; at < stream.Length; at += piece)
            messages.Add(stream.AsSpan(at, Math.Min(piece, stream.Length - at)), (type, body) =>
            {
                types.Add(type);
                Assert.That(body, Is.EqualTo(Enumerable.Repeat(type, type % 5)));
            });
        Assert.That(types, Is.EqualTo(Enumerable.Range(0, 20)));
        Assert.That(messages.HasPartial, Is.False);
    }

    private sealed class Session : IPostHandshakeSession
    {
        public void Send(ContentType type, ReadOnlySpan<byte> content)
        {
        }

        public void PeerRenegotiates(byte[] message) => throw new NotSupportedException();

        public void UpdateSealer()
        {
        }

        public void UpdateOpener()
        {
        }

        public void Ask(HandshakeQuestion question) => throw new NotSupportedException();

        public byte[] FinishedKey(bool ofPeer) => throw new NotSupportedException();

        public void Authenticated(PostHandshakeIdentity identity) => throw new NotSupportedException();
    }
}
