using System.Runtime.Serialization;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Trail;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Storage.Trails;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Cluster.Trail;

/// <summary>Trails on their way between nodes, and what is made of bytes that are none.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TrailWireTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static readonly AuditEvent Full = new(AuditKind.SessionSetup, true, "TLS 1.3 …")
    {
        Application = new PeerCredentials(7, 4_000_000_000, 9) { Executable = "/usr/bin/curl" },
        Session = 3,
        LocalId = "John@a.example",
        RemoteId = "www.example.com",
        Use = "client http",
        Token = "pkcs11:token=t?pin-value=?",
        Key = "pkcs11:token=t;object=k",
    };

    private static AuditPage Page(params AuditRow[] rows) => new(AuditPageAnswer.Rows, "0123456789abcdef", 12, -5, rows);

    private static AuditRow Row(AuditEvent decision, string kind = "SessionSetup", long id = 12) => AuditRow.Of(id, Noon, kind, decision);

    [Test]
    public void Requests_and_replies_arrive_as_they_were_sent()
    {
        var request = new TrailRequest(8, new AuditPosition("ab", long.MaxValue, long.MinValue));
        Assert.That(Cross(request), Is.EqualTo(request));
        Assert.That(Cross(new TrailRequest(1, AuditPosition.Unknown)), Is.EqualTo(new TrailRequest(1, AuditPosition.Unknown)));
        Assert.That(Cross(new TrailReply(9, null)), Is.EqualTo(new TrailReply(9, null)));
        AuditRow[] rows = [Row(Full), Row(new AuditEvent(AuditKind.Unknown, false, ""), "Telepathy", 13)];
        var reply = (TrailReply)Cross(new TrailReply(10, Page(rows)));
        Assert.That(reply.Page! with { Rows = rows }, Is.EqualTo(Page(rows)));
        Assert.That(reply.Page.Rows, Is.EqualTo(rows));
    }

    [Test]
    public void Texts_of_another_node_are_cleaned_and_kinds_are_names()
    {
        AuditEvent dirty = Full with { Reason = "a\nb\u001b[2J" + new string('x', 900), Key = "pkcs11:token=t?pin-value=1234" };
        var reply = (TrailReply)Cross(new TrailReply(1, Page(Row(dirty, "x'; DROP TABLE audit"))));
        AuditRow row = reply.Page!.Rows.Single();
        Assert.That(row.Kind, Is.EqualTo("Unknown"));
        Assert.That(row.Record.Event.Reason, Does.StartWith("a?b?[2Jxxx").And.Length.EqualTo(512));
        Assert.That(row.Record.Event.Key, Is.EqualTo("pkcs11:token=t?pin-value=?"));
    }

    [Test]
    public void A_text_that_was_cleaned_stays_as_it_is() => Assert.Multiple(() =>
    {
        foreach (string text in new[] { "pin-value=1234", "a?pin-source=x&pin-value=?", "pkcs11:t;pin-value=1?pin-source=y", new string('x', 600), "\ud800pin-value=", "pin-value=??" })
            Assert.That(AuditText.Clean(AuditText.Clean(text)), Is.EqualTo(AuditText.Clean(text)));
    });

    [Test]
    public void What_is_malformed_is_refused()
    {
        AuditPage page = Page(Row(Full));
        IClusterMessage[] malformed =
        [
            new TrailRequest(1, new AuditPosition("no hex", 0, 0)), new TrailRequest(1, new AuditPosition(new string('a', 65), 0, 0)),
            new TrailRequest(1, new AuditPosition("ab", -1, 0)), new TrailReply(1, page with { Answer = 0 }), new TrailReply(1, page with { Incarnation = "" }),
            new TrailReply(1, page with { Last = -1 }), new TrailReply(1, Page(Row(Full, id: -1))), new TrailReply(1, Page(Row(Full with { Use = new string('x', 2049) }))),
            new TrailReply(1, Page([.. Enumerable.Repeat(Row(Full), AuditPage.MaxRows + 1)])),
        ];
        Assert.That(malformed.Where(message => Refuses(message) is null), Is.Empty);
    }

    [Test]
    public void Any_bytes_are_read_or_refused_and_do_no_other_harm()
    {
        var random = new Random(7);
        byte[] good = Bytes(new TrailReply(10, Page(Row(Full), Row(Full with { Application = null }, id: 13))));
        WireCodec codec = CodecOf(typeof(TrailReply));
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = good[..(round % 3 == 0 ? random.Next(good.Length) : good.Length)];
            for (int change = random.Next(4); change > 0 && bytes.Length > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                codec.Read(new WireReader(bytes, null!));
            }
            catch (SerializationException)
            {
                // As it should be.
            }
        }
    }

    [Test]
    public void A_page_continues_a_position_only_if_its_rows_come_after_it_in_order()
    {
        var from = new AuditPosition("0123456789abcdef", 11, 0);
        Assert.That(Page(Row(Full)).Continues(from));
        Assert.That((Page() with { Last = 11 }).Continues(from));
        Assert.That(Page(Row(Full, id: 11)).Continues(from), Is.False, "what is known");
        Assert.That(Page(Row(Full), Row(Full)).Continues(from), Is.False, "twice");
        Assert.That((Page() with { Last = 10 }).Continues(from), Is.False, "back");
        Assert.That((Page() with { Incarnation = "ab" }).Continues(from), Is.False, "another trail");
        Assert.That((Page() with { Answer = AuditPageAnswer.OtherTrail }).Continues(from), Is.False, "the same as another");
        Assert.That((Page(Row(Full)) with { Answer = AuditPageAnswer.Rewritten }).Continues(from), Is.False, "rows where there are none");
    }

    private static WireCodec CodecOf(Type type) => ClusterWire.Codecs.Single(codec => codec.Type == type);

    private static byte[] Bytes(IClusterMessage message)
    {
        var writer = new WireWriter(WireVersion.Newest);
        CodecOf(message.GetType()).Write(writer, message);
        return writer.ToArray();
    }

    private static object Cross(IClusterMessage message) => CodecOf(message.GetType()).Read(new WireReader(Bytes(message), null!));

    private static SerializationException? Refuses(IClusterMessage message)
    {
        try
        {
            Cross(message);
            return null;
        }
        catch (SerializationException refusal)
        {
            return refusal;
        }
    }
}
