using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Remoting;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Management.Wire;
using TlsPool.Actors.Sessions;
using TlsPool.Tests.Actors.Cluster;
using TlsPool.Tests.Actors.Cluster.Replication;

namespace TlsPool.Tests.Actors.Management;

/// <summary>Programs at the door of a node, over real sockets and Akka's remoting: those that behave, and those that do not.</summary>
[Parallelizable]
public sealed class ManagementDoorTests : AkkaFixture
{
    private readonly RecordedAudit _audit = new();
    private readonly LogRules _rules = new();
    private TestProbe _pool = null!;
    private ManagementDoor _door = null!;

    [SetUp]
    public void Open()
    {
        _pool = Kit.CreateTestProbe();
        _door = new ManagementDoor(
            new ManagementDesk(
                new ManagementServices
                {
                    Node = "here",
                    Sessions = new SessionTable(),
                    Pool = _pool,
                    Tokens = Kit.CreateTestProbe(),
                    Entries = new(),
                    Policy = null,
                    Audit = _audit,
                    Log = new LogBook(),
                    LogRules = _rules,
                    Cluster = null,
                    Drain = () => { },
                },
                peers: null,
                NullLogger.Instance),
            NullLogger.Instance);
    }

    [TearDown]
    public async Task Close() => await _door.DisposeAsync();

    [Test]
    public async Task A_program_is_told_who_it_is_and_served()
    {
        await using ManagementClient client = await EnterAsync(ManagementRole.Viewer);
        Assert.That((client.Greeting.Node, client.Greeting.Principal, client.Greeting.Role), Is.EqualTo(("here", "tester", "viewer")));
        Page<NodeSummary> nodes = await client.DoAsync<Page<NodeSummary>>("node.list");
        Assert.That(nodes.Items.Single(), Has.Property("Status").EqualTo("Single"));
    }

    [Test]
    public async Task A_program_without_a_role_is_told_so()
    {
        ManagementException? refused = await Assert.ThrowsAsync<ManagementException>(() => EnterAsync(ManagementRole.None));
        Assert.That((refused!.Fault, refused.Message), Is.EqualTo((ManagementFault.Forbidden, "tester may not manage this pool: see manage_allow")));
    }

    [Test]
    public async Task A_viewer_who_acts_is_refused_and_that_is_on_record()
    {
        await using ManagementClient client = await EnterAsync(ManagementRole.Viewer);
        ManagementException? refused = await Assert.ThrowsAsync<ManagementException>(
            () => client.DoAsync<Done>("log.level", new Dictionary<string, object?> { ["level"] = "debug" }));
        Assert.That(refused!.Fault, Is.EqualTo(ManagementFault.Forbidden));
        Assert.That(_audit.Events.Single(), Has.Property("Allowed").False.And.Property("Reason").Contains("log.level takes the role operator, by tester (viewer)"));
        Assert.That(_rules.Level, Is.EqualTo(Microsoft.Extensions.Logging.LogLevel.Error));
    }

    [Test]
    public async Task A_change_is_on_record_with_who_made_it()
    {
        await using ManagementClient client = await EnterAsync(ManagementRole.Operator);
        await client.DoAsync<Done>("log.level", new Dictionary<string, object?> { ["level"] = "debug" });
        Assert.That(_rules.Level, Is.EqualTo(Microsoft.Extensions.Logging.LogLevel.Debug));
        Assert.That(_audit.Events.Single(), Has.Property("Allowed").True.And.Property("Reason").Contains("by tester (operator)"));
    }

    [Test]
    public async Task A_request_that_comes_again_is_not_done_again()
    {
        (ActorSystem system, IActorRef door, _) = await RawAsync(ManagementRole.Operator);
        var request = new ManagementRequest(1, "session.close", "", Encoding.UTF8.GetBytes("""{"number":5}"""));
        Task<ManagementReply> first = door.Ask<ManagementReply>(request, Patience);
        await _pool.ExpectMsgAsync<SessionProtocol.End>(Patience);
        _pool.Reply(new SessionProtocol.Managed(SessionProtocol.ManagedOutcome.Done));
        Assert.That((await first).Fault, Is.Null);
        Assert.That((await door.Ask<ManagementReply>(request, Patience)).Fault, Is.EqualTo(ManagementFault.Conflict));
        await _pool.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(200));
        await system.Terminate();
    }

    [Test]
    public async Task A_program_that_asks_for_too_much_at_once_is_told_to_wait()
    {
        await using ManagementClient client = await EnterAsync(ManagementRole.Operator);
        Task<Done>[] asked = [.. Enumerable.Range(0, 20).Select(i => client.DoAsync<Done>("session.close", new Dictionary<string, object?> { ["number"] = (long)i }))];
        Task<Done> refused = await Task.WhenAny(asked).WaitAsync(Patience);
        Assert.That(refused.Exception!.InnerException, Is.TypeOf<ManagementException>().With.Property("Fault").EqualTo(ManagementFault.TooMany));
        for (int i = 0; i < 16; i++)
        {
            await _pool.ExpectMsgAsync<SessionProtocol.End>(Patience);
            _pool.Reply(new SessionProtocol.Managed(SessionProtocol.ManagedOutcome.Done));
        }
        await Task.WhenAll(asked).WaitAsync(Patience).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.That(asked.Count(task => task.IsCompletedSuccessfully), Is.EqualTo(16));
    }

    [TestCase("/")]
    [TestCase("/system")]
    [TestCase("/user")]
    [TestCase("/user/other")]
    public async Task A_program_that_writes_to_another_actor_is_cut_off(string path)
    {
        (ActorSystem system, _, Task<object> gone) = await RawAsync(ManagementRole.Admin);
        Address node = ManagementSettings.NodeAddress;
        IActorRef other = ((ExtendedActorSystem)system).Provider.ResolveActorRef($"akka.{node.Protocol}://{node.System}@{node.Host}:{node.Port}{path}");
        other.Tell(new ManagementRequest(1, "node.list", "", default), ActorRefs.NoSender);
        await gone.WaitAsync(Patience);
        await system.Terminate();
    }

    [Test]
    public async Task A_program_that_calls_itself_by_another_name_is_cut_off()
    {
        await using ManagementClient honest = await EnterAsync(ManagementRole.Admin);
        (ActorSystem system, IActorRef door, Task<object> gone) = await RawAsync(ManagementRole.Viewer, name => honest.Greeting.Name);
        door.Tell(new ManagementRequest(1, "log.level", "", Encoding.UTF8.GetBytes("""{"level":"debug"}""")), ActorRefs.NoSender);
        await gone.WaitAsync(Patience);
        Assert.That(_audit.Events, Is.Empty);
        Assert.That((await honest.DoAsync<Page<NodeSummary>>("node.list")).Items, Has.Count.EqualTo(1), "the other one is none the worse");
        await system.Terminate();
    }

    [Test]
    public async Task Garbage_harms_only_who_sends_it()
    {
        await using ManagementClient honest = await EnterAsync(ManagementRole.Viewer);
        (NetworkStream ours, Task entering) = Connect(ManagementRole.Viewer);
        await Greeting.ReadAsync(ours, CancellationToken.None).WaitAsync(Patience);
        await entering;
        await ours.WriteAsync(Enumerable.Repeat((byte)0x55, 4096).ToArray());
        Assert.That(await EndAsync(ours).WaitAsync(Patience), Is.True);
        Assert.That((await honest.DoAsync<Page<NodeSummary>>("node.list")).Items, Has.Count.EqualTo(1));
    }

    private static async Task<bool> EndAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset, as it had not read all.
        }
        return true;
    }

    private async Task<ManagementClient> EnterAsync(ManagementRole role)
    {
        (NetworkStream ours, Task entering) = Connect(role);
        ManagementClient client = await ManagementClient.ConnectAsync(ours).WaitAsync(Patience);
        await entering;
        return client;
    }

    private (NetworkStream Ours, Task Entering) Connect(ManagementRole role)
    {
        string path = Path.Combine(Path.GetTempPath(), $"tlspool-door-{Guid.NewGuid():n}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var ours = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        ours.Connect(new UnixDomainSocketEndPoint(path));
        Socket theirs = listener.Accept();
        File.Delete(path);
        return (new NetworkStream(ours, ownsSocket: true), _door.WelcomeAsync(new Principal("tester", role), new NetworkStream(theirs, ownsSocket: true)));
    }

    /// <summary>A program that says what it likes.</summary>
    private async Task<(ActorSystem System, IActorRef Door, Task<object> Gone)> RawAsync(ManagementRole role, Func<string, string>? rename = null)
    {
        (NetworkStream ours, Task entering) = Connect(role);
        Greeting greeting = await Greeting.ReadAsync(ours, CancellationToken.None).WaitAsync(Patience);
        await entering;
        var gone = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        ActorSystem system = ActorSystem.Create(ManagementSettings.ProgramSystem, ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(ManagementSettings.Hocon<VisitorTransport>())),
            new VisitorSetup(rename?.Invoke(greeting.Name) ?? greeting.Name, new WatchedStream(ours, () => gone.TrySetResult(true))),
            ManagementSettings.Context()));
        Address node = ManagementSettings.NodeAddress;
        IActorRef door = ((ExtendedActorSystem)system).Provider
            .ResolveActorRef($"akka.{node.Protocol}://{node.System}@{node.Host}:{node.Port}/user/{ManagementSettings.DoorName}");
        return (system, door, gone.Task);
    }
}
