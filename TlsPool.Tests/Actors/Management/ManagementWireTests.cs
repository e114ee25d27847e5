using System.Runtime.Serialization;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Tests.Actors.Management;

/// <summary>Bytes of management between programs: these never change, as programs and nodes of other versions read them.</summary>
[Parallelizable]
public sealed class ManagementWireTests
{
    [Test]
    public void Messages_have_the_bytes_that_they_always_had()
    {
        Assert.That(
            Hex(new ManagementRequest(7, "session.list", "*", "{}"u8.ToArray())),
            Is.EqualTo("0000000000000007" + "0000000c73657373696f6e2e6c697374" + "000000012a" + "000000027b7d"));
        Assert.That(
            Hex(new ForwardedRequest("log.level", "{}"u8.ToArray(), "uid 0", ManagementRole.Operator)),
            Is.EqualTo("000000096c6f672e6c6576656c" + "000000027b7d" + "000000057569642030" + "0000000000000002"));
        Assert.That(Hex(new ManagementReply(7, null, "{}"u8.ToArray())), Is.EqualTo("0000000000000007" + "0000000000000000" + "000000027b7d"));
        Assert.That(Hex(new ManagementReply(8, ManagementFault.Forbidden, "no"u8.ToArray())), Is.EqualTo("0000000000000008" + "0000000000000193" + "000000026e6f"));
    }

    [Test]
    public void What_is_written_is_read()
    {
        var forwarded = (ForwardedRequest)Again(new ForwardedRequest("a.b", "{}"u8.ToArray(), "alice@example.com", ManagementRole.Viewer));
        Assert.That((forwarded.Operation, forwarded.Name, forwarded.Role), Is.EqualTo(("a.b", "alice@example.com", ManagementRole.Viewer)));
        var reply = (ManagementReply)Again(new ManagementReply(3, ManagementFault.NoAnswer, "x"u8.ToArray()));
        Assert.That((reply.Number, reply.Fault, reply.Body.ToArray()), Is.EqualTo((3L, (ManagementFault?)ManagementFault.NoAnswer, "x"u8.ToArray())));
    }

    [Test]
    public void A_reason_of_a_later_version_is_a_failure()
    {
        var writer = new WireWriter(WireVersion.Newest);
        writer.Number(3);
        writer.Number(418);
        writer.Bytes("tea"u8);
        Assert.That(((ManagementReply)Codec(typeof(ManagementReply)).Read(new WireReader(writer.ToArray(), null!))).Fault, Is.EqualTo(ManagementFault.Failed));
    }

    [Test]
    public void A_role_that_is_none_is_refused()
    {
        var writer = new WireWriter(WireVersion.Newest);
        writer.Text("a.b");
        writer.Bytes("{}"u8);
        writer.Text("x");
        writer.Number(77);
        Assert.That(() => Codec(typeof(ForwardedRequest)).Read(new WireReader(writer.ToArray(), null!)), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void Requests_have_no_text_form_of_what_they_say() => Assert.That(
        new ManagementRequest(1, "token.login", "", "{\"pin\":\"MTIzNA==\"}"u8.ToArray()).ToString(), Does.Not.Contain("MTIz"));

    private static object Again(object message) => Codec(message.GetType()).Read(new WireReader(Bytes(message), null!));

    private static string Hex(object message) => Convert.ToHexStringLower(Bytes(message));

    private static byte[] Bytes(object message)
    {
        var writer = new WireWriter(WireVersion.Newest);
        Codec(message.GetType()).Write(writer, message);
        return writer.ToArray();
    }

    private static WireCodec Codec(Type type) => ManagementWire.Codecs.Single(codec => codec.Type == type);
}
