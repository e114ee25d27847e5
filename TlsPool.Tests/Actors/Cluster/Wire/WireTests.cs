using System.Runtime.Serialization;
using Akka.Actor;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Wire;

namespace TlsPool.Tests.Actors.Cluster.Wire;

[Parallelizable]
public sealed class WireTests : AkkaFixture
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    private ExtendedActorSystem System => (ExtendedActorSystem)Sys;

    [Test]
    public void What_is_written_is_read()
    {
        var writer = new WireWriter(1);
        writer.Number(long.MinValue);
        writer.Number(int.MaxValue);
        writer.Flag(true);
        writer.Time(Time);
        writer.Duration(TimeSpan.FromSeconds(7));
        writer.Bytes([1, 2, 3]);
        writer.Text("žluťoučký");
        writer.Actor(Kit.TestActor);
        writer.List([1, 2, 3], (to, value) => to.Number(value));
        WireReader reader = Reader(writer.ToArray());
        Assert.Multiple(() =>
        {
            Assert.That(reader.Number(), Is.EqualTo(long.MinValue));
            Assert.That(reader.Int(), Is.EqualTo(int.MaxValue));
            Assert.That(reader.Flag());
            Assert.That(reader.Time(), Is.EqualTo(Time));
            Assert.That(reader.Duration(), Is.EqualTo(TimeSpan.FromSeconds(7)));
            Assert.That(reader.Bytes(3).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(reader.Text(100), Is.EqualTo("žluťoučký"));
            Assert.That(reader.Actor(), Is.EqualTo(Kit.TestActor));
            Assert.That(reader.List(3, from => from.Int()), Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(reader.HasMore, Is.False);
        });
    }

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property Any_bytes_are_read_or_are_malformed() => Prop.ForAll(
        Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().ToArbitrary(),
        bytes => Methods.All(method =>
        {
            try
            {
                method(new WireReader(bytes, null!));
            }
            catch (SerializationException)
            {
                // As it says.
            }
            return true;
        }));

    [Test]
    public void What_is_too_much_is_malformed() => Assert.Multiple(() =>
    {
        Refuse(writer => writer.Bytes(new byte[4]), reader => reader.Bytes(3));
        Refuse(writer => writer.Text("\u017E\u017E"), reader => reader.Text(3));
        Refuse(writer => writer.Bytes([0xC3]), reader => reader.Text(3));
        Refuse(writer => writer.Number(4), reader => reader.List(3, from => 0));
        Refuse(writer => writer.Number(-1), reader => reader.List(3, from => 0));
        Refuse(writer => writer.Number(int.MaxValue), reader => reader.List(int.MaxValue, from => from.Number()));
        Refuse(writer => writer.Number(1L + int.MaxValue), reader => reader.Int());
        Refuse(writer => writer.Number(-1), reader => reader.Time());
        Refuse(writer => writer.Number(long.MaxValue), reader => reader.Time());
        Refuse(writer => writer.Number(-1), reader => reader.Duration());
        Refuse(writer => writer.Text(new string('x', 1025)), reader => reader.Actor());
    });

    [TestCase("")]
    [TestCase("x")]
    [TestCase("akka.tls://")]
    [TestCase("akka.tls://a@b:99999/user/x")]
    [TestCase("akka.tls://tlspool-cluster@127.0.0.1:1/user/x")]
    [TestCase("\0")]
    public void The_path_of_an_actor_may_be_anything(string path)
    {
        var writer = new WireWriter(1);
        writer.Text(path);
        byte[] bytes = writer.ToArray();
        // What is no path, or leads nowhere, is an actor that nobody hears.
        Assert.That(Reader(bytes).Actor(), Is.Not.Null);
    }

    [Test]
    public void An_unknown_message_is_neither_read_nor_written()
    {
        var serializer = new ClusterSerializer(System);
        Assert.That(() => serializer.FromBinary([], "no such message"), Throws.InstanceOf<SerializationException>());
        Assert.That(() => serializer.FromBinary([1, 2, 3], typeof(string).AssemblyQualifiedName!), Throws.InstanceOf<SerializationException>());
        Assert.That(() => serializer.ToBinary("text"), Throws.InstanceOf<SerializationException>());
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property A_known_message_of_any_bytes_is_read_or_is_malformed() => Prop.ForAll(
        Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().ToArbitrary(),
        bytes => ClusterWire.Codecs.All(codec =>
        {
            try
            {
                codec.Read(new WireReader(bytes, System));
            }
            catch (SerializationException)
            {
                // As it says.
            }
            return true;
        }));

    private static IEnumerable<Action<WireReader>> Methods =>
    [
        reader => reader.Number(),
        reader => reader.Int(),
        reader => reader.Flag(),
        reader => reader.Time(),
        reader => reader.Duration(),
        reader => reader.Bytes(int.MaxValue),
        reader => reader.Text(int.MaxValue),
        reader => reader.List(int.MaxValue, from => from.Bytes(100)),
    ];

    private void Refuse(Action<WireWriter> write, Action<WireReader> read)
    {
        var writer = new WireWriter(1);
        write(writer);
        byte[] bytes = writer.ToArray();
        Assert.That(() => read(Reader(bytes)), Throws.InstanceOf<SerializationException>());
    }

    private WireReader Reader(byte[] bytes) => new(bytes, System);
}
