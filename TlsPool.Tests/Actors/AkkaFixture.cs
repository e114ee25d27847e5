using Akka.Actor;
using Akka.TestKit;
using NUnit.Framework;

namespace TlsPool.Tests.Actors;

/// <summary>Base of actor tests: a fresh actor system with Akka's test kit for each test.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class AkkaFixture
{
    /// <summary>How long tests wait for something that has to come; generous, because a busy machine is no failure.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private NUnitKit? _kit;

    /// <summary>The test kit: probes, expectations, the actor system.</summary>
    protected TestKitBase Kit => _kit ?? throw new InvalidOperationException("only inside a test");

    /// <summary>The actor system.</summary>
    protected ActorSystem Sys => Kit.Sys;

    [SetUp]
    public void StartSystem() => _kit = new NUnitKit(ActorSystem.Create("test", "akka.loglevel = WARNING\nakka.stdout-loglevel = WARNING"));

    [TearDown]
    public async Task StopSystem()
    {
        if (_kit is { } kit)
            await kit.Sys.Terminate().WaitAsync(Patience);
    }

    private sealed class NUnitKit(ActorSystem system) : TestKitBase(new NUnitAssertions(), system);
}
