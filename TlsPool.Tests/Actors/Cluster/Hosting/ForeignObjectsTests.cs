using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Serialization;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Configuration;
using static TlsPool.Tests.Actors.Cluster.Transport.AkkaFrames;

namespace TlsPool.Tests.Actors.Cluster.Hosting;

/// <summary>What a message can make a node make of it, with the settings of a node.</summary>
[Parallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ForeignObjectsTests
{
    private const int Json = 1;
    private const int Protobuf = 2;
    private const int DaemonCreate = 3;
    private const int Misc = 16;
    private const int SystemMessages = 22;

    private ActorSystem _system = null!;

    private Serialization Serialization => ((ExtendedActorSystem)_system).Serialization;

    [SetUp]
    public void StartSystem()
    {
        var address = new ClusterAddress("127.0.0.1", 4253);
        Config settings = ConfigurationFactory.ParseString("akka.actor.provider = local\nakka.loglevel = ERROR\nakka.stdout-loglevel = ERROR")
            .WithFallback(ConfigurationFactory.ParseString(ClusterSettings.Hocon(new ClusterConfiguration
            {
                Address = address,
                Members = [address],
                CertificateFile = "/x",
                AuthorityFile = "/x",
            })))
            .WithFallback(Defaults(typeof(Akka.Cluster.Cluster), "Akka.Cluster.Configuration.Cluster.conf"))
            .WithFallback(Defaults(typeof(Akka.Remote.RemoteActorRefProvider), "Akka.Remote.Configuration.Remote.conf"));
        _system = ActorSystem.Create("test", settings);
    }

    [TearDown]
    public async Task StopSystem() => await _system.Terminate();

    [Test]
    public void Json_that_names_a_type_makes_nothing()
    {
        byte[] gadget = Encoding.UTF8.GetBytes($$"""{"$type":"{{typeof(Gadget).AssemblyQualifiedName}}","Value":"x"}""");
        Refuse(gadget, Json, "");
        Refuse(gadget, Json, typeof(Gadget).AssemblyQualifiedName!);
        Assert.That(Gadget.IsMade, Is.False);
        // The same with what Akka does by itself, to see that this is a danger.
        using var careless = ActorSystem.Create("careless", "akka.actor.serialization-settings.allow-unregistered-types = off\nakka.stdout-loglevel = ERROR");
        Assert.That(((ExtendedActorSystem)careless).Serialization.Deserialize(gadget, Json, ""), Is.InstanceOf<Gadget>());
        Assert.That(Gadget.IsMade);
    }

    [Test]
    public void An_exception_of_a_type_that_a_message_names_is_not_made()
    {
        byte[] exception = Bytes(1, Text(1, typeof(GadgetException).AssemblyQualifiedName!));
        Refuse(exception, Misc, "STF");
        Refuse(exception, SystemMessages, typeof(Create).AssemblyQualifiedName!);
        Refuse(exception, SystemMessages, typeof(Failed).AssemblyQualifiedName!);
        Assert.That(GadgetException.IsMade, Is.False);
    }

    [Test]
    public void What_ends_or_makes_actors_is_refused() => Assert.Multiple(() =>
    {
        Refuse([], Misc, "PP");
        Refuse([], Misc, "K");
        Refuse([], Misc, "CF");
        Refuse([], Misc, "RORRP");
        Refuse([], SystemMessages, typeof(Terminate).AssemblyQualifiedName!);
        Refuse([], SystemMessages, typeof(Suspend).AssemblyQualifiedName!);
        Refuse([], DaemonCreate, "");
        Refuse([], DaemonCreate, typeof(Akka.Remote.RemoteActorRefProvider).AssemblyQualifiedName!);
        Refuse([], Protobuf, typeof(Google.Protobuf.WellKnownTypes.Any).AssemblyQualifiedName!);
        Refuse([], 36, "a");
        Refuse([], 7215, "");
        Refuse([], -5, "");
    });

    [Test]
    public void What_nodes_send_is_read() => Assert.Multiple(() =>
    {
        Assert.That(RoundTrip(new Identify("x")), Is.InstanceOf<Identify>());
        Assert.That(RoundTrip(new ActorIdentity("x", null)), Is.InstanceOf<ActorIdentity>());
        Assert.That(RoundTrip(new DeathWatchNotification(_system.DeadLetters, true, false)), Is.InstanceOf<DeathWatchNotification>());
        Assert.That(RoundTrip("text"), Is.EqualTo("text"));
    });

    [Test]
    public void What_has_no_serializer_is_not_written() =>
        Assert.That(() => Serialization.FindSerializerFor(new Gadget()).ToBinary(new Gadget()), Throws.InstanceOf<SerializationException>());

    private static Config Defaults(Type type, string resource)
    {
        using var reader = new StreamReader(type.Assembly.GetManifestResourceStream(resource)!);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }

    private object RoundTrip(object message)
    {
        Serializer serializer = Serialization.FindSerializerFor(message);
        return Serialization.Deserialize(serializer.ToBinary(message), serializer.Identifier, Serialization.ManifestFor(serializer, message));
    }

    private void Refuse(byte[] message, int serializer, string manifest) =>
        Assert.That(() => Serialization.Deserialize(message, serializer, manifest), Throws.InstanceOf<SerializationException>(), $"{serializer} {manifest}");

    public sealed class Gadget
    {
        public static bool IsMade { get; private set; }

        public string Value
        {
            get;
            set => (field, IsMade) = (value, true);
        } = "";
    }

    [Serializable]
    public sealed class GadgetException : Exception
    {
        public GadgetException()
        {
        }

        public GadgetException(string message)
            : base(message)
        {
        }

        public GadgetException(string message, Exception inner)
            : base(message, inner)
        {
        }

        private GadgetException(SerializationInfo info, StreamingContext context) => (IsMade, _, _) = (true, info, context);

        public static bool IsMade { get; private set; }
    }
}
