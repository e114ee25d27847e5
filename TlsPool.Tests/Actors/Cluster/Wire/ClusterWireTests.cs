using NUnit.Framework;
using TlsPool.Actors.Cluster.Signing;
using TlsPool.Actors.Cluster.Replication;
using TlsPool.Actors.Cluster.Tickets;
using TlsPool.Actors.Cluster.Wire;

namespace TlsPool.Tests.Actors.Cluster.Wire;

/// <summary>The messages between nodes as they cross.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ClusterWireTests
{
    private static IEnumerable<TestCaseData> Samples => WireSamples.All.Select(
        (sample, index) => new TestCaseData(index).SetName($"{{m}}({sample.Manifest}, version {sample.Version})"));

    [TestCaseSource(nameof(Samples))]
    public void A_message_has_the_bytes_that_it_always_had(int index)
    {
        (string manifest, int version, IClusterMessage message, string bytes) = WireSamples.All[index];
        WireCodec codec = Codec(manifest);
        Assert.That(codec.Type, Is.EqualTo(message.GetType()));
        Assert.That(Convert.ToHexStringLower(Write(codec, message, version)), Is.EqualTo(bytes));
    }

    [TestCaseSource(nameof(Samples))]
    public void A_message_is_read_as_it_was_written(int index)
    {
        (string manifest, int version, _, string bytes) = WireSamples.All[index];
        WireCodec codec = Codec(manifest);
        object read = codec.Read(new WireReader(Convert.FromHexString(bytes), null!));
        Assert.That(read, Is.TypeOf(codec.Type));
        Assert.That(Convert.ToHexStringLower(Write(codec, read, version)), Is.EqualTo(bytes));
    }

    [TestCaseSource(nameof(Samples))]
    public void Fields_of_a_later_version_at_the_end_are_ignored(int index)
    {
        (string manifest, int version, _, string bytes) = WireSamples.All[index];
        if (version < WireVersion.Newest && WireSamples.All.Any(sample => sample.Manifest == manifest && sample.Version > version && sample.Bytes != bytes))
            Assert.Pass("this version's reader knows those fields");
        WireCodec codec = Codec(manifest);
        object read = codec.Read(new WireReader(Convert.FromHexString(bytes + "00000000000000ff" + "00000003616263"), null!));
        Assert.That(Convert.ToHexStringLower(Write(codec, read, version)), Is.EqualTo(bytes));
    }

    [Test]
    public void A_request_of_the_first_version_does_not_say_how_long_it_is_waited_for()
    {
        (_, _, _, string bytes) = WireSamples.All.Single(sample => sample is { Manifest: "sign", Version: 1 });
        var ask = (SigningProtocol.Ask)Codec("sign").Read(new WireReader(Convert.FromHexString(bytes), null!));
        Assert.That((ask.Number, ask.Waits, ask.Patience), Is.EqualTo((7L, true, (TimeSpan?)null)));
        byte[] again = Write(Codec("sign"), ask, WireVersion.Newest);
        Assert.That(((SigningProtocol.Ask)Codec("sign").Read(new WireReader(again, null!))).Patience, Is.Null, "nor does it afterwards");
    }

    [Test]
    public void A_refusal_of_a_later_version_is_a_failure()
    {
        var writer = new WireWriter(WireVersion.Newest);
        writer.Number(9);
        writer.Number(77);
        writer.Text("a new reason");
        var refused = (SigningProtocol.Refused)Codec("not-signed").Read(new WireReader(writer.ToArray(), null!));
        Assert.That((refused.Why, refused.Reason), Is.EqualTo((SigningProtocol.Refusal.Failed, "a new reason")));
    }

    [Test]
    public void A_long_reason_is_cut_so_that_it_can_be_read()
    {
        WireCodec codec = Codec("not-signed");
        byte[] bytes = Write(codec, new SigningProtocol.Refused(9, SigningProtocol.Refusal.Failed, new string('€', 5000)), WireVersion.Newest);
        Assert.That(((SigningProtocol.Refused)codec.Read(new WireReader(bytes, null!))).Reason, Is.EqualTo(new string('€', 512)));
    }

    [Test]
    public void Each_type_that_crosses_has_one_codec_and_each_codec_a_name_of_its_own_and_samples()
    {
        Type[] types = [.. typeof(IClusterMessage).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IClusterMessage)) && !type.IsInterface)];
        Assert.That(ClusterWire.Codecs.Select(codec => codec.Type), Is.EquivalentTo(types));
        Assert.That(ClusterWire.Codecs.Select(codec => codec.Manifest), Is.Unique);
        Assert.That(types, Has.All.Property(nameof(Type.IsSealed)).True);
        // Those of the audit trail, of people and of management have tests of their own beside them.
        IEnumerable<WireCodec> sampled = PolicyProtocol.Codecs.Concat(SigningProtocol.Codecs).Concat(TicketProtocol.Codecs);
        Assert.That(
            WireSamples.All.Select(sample => (sample.Manifest, sample.Version)),
            Is.EquivalentTo(sampled.SelectMany(codec => Enumerable.Range(WireVersion.Oldest, WireVersion.Newest).Select(version => (codec.Manifest, version)))));
    }

    private static WireCodec Codec(string manifest) => ClusterWire.Codecs.Single(codec => codec.Manifest == manifest);

    private static byte[] Write(WireCodec codec, object message, int version)
    {
        var writer = new WireWriter(version);
        codec.Write(writer, message);
        return writer.ToArray();
    }
}
