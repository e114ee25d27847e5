using System.Runtime.Serialization;
using Akka.Actor;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Wire;

namespace TlsPool.Tests.Actors.Cluster.Wire;

/// <summary>Bytes of a node that was broken into: they are a message, or refused in the one way that the transport expects.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class HostileWireProperties
{
    private ExtendedActorSystem _system = null!;

    [OneTimeSetUp]
    public void Start() => _system = (ExtendedActorSystem)ActorSystem.Create("hostile-wire");

    [OneTimeTearDown]
    public async Task StopAsync() => await _system.Terminate();

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property Any_bytes_are_a_message_or_refused() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        bytes => ClusterWire.Codecs.All(codec => IsReadOrRefused(codec, bytes)));

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property A_message_that_was_changed_or_cut_is_a_message_or_refused() => Prop.ForAll(
        Changes().ToArbitrary(),
        change =>
        {
            (int sample, int place, int value, int length) = change;
            byte[] bytes = Convert.FromHexString(WireSamples.All[sample].Bytes);
            bytes[place % bytes.Length] = (byte)value;
            return ClusterWire.Codecs.All(codec => IsReadOrRefused(codec, bytes.AsMemory(0, Math.Min(length, bytes.Length))));
        });

    [Test]
    public void Sizes_that_are_only_claimed_take_no_memory_and_are_refused()
    {
        byte[] claims = Enumerable.Repeat((byte)0x7f, 64).ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (WireCodec codec in ClusterWire.Codecs)
            IsReadOrRefused(codec, claims);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    private static Gen<(int Sample, int Place, int Value, int Length)> Changes() =>
        from sample in Gen.Choose(0, WireSamples.All.Count - 1)
        from place in Gen.Choose(0, 400)
        from value in Gen.Choose(0, 255)
        from length in Gen.Choose(0, 400)
        select (sample, place, value, length);

    private bool IsReadOrRefused(WireCodec codec, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return codec.Read(new WireReader(bytes, _system)).GetType() == codec.Type;
        }
        catch (SerializationException)
        {
            return true;
        }
    }
}
