using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>
/// A daemon that has to come out of each test unharmed: it serves, and has no more descriptors and hardly more memory than before.
/// </summary>
public abstract class UnharmedPoolFixture
{
    private protected const StartTlsFlags ServerFlags =
        StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient | StartTlsFlags.IgnoreRemoteId;

    private const long MemoryAllowance = 128 * 1024;

    private int _descriptors;
    private long _memory;

    private protected PoolProcess Pool { get; private set; } = null!;

    private protected virtual string Configuration => "";

    [OneTimeSetUp]
    public async Task Start()
    {
        Pool = await PoolProcess.StartAsync(Configuration);
        await Pool.IdentityAsync("server.example");
        using var first = new RawApplication(Pool.SocketPath);
        StartSilent(first, 1).Dispose();
        first.ReceiveError(1);
        Assert.That(Pool.IsAlive());
        await Pool.SettleAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await Pool.DisposeAsync();

    [SetUp]
    public void Measure() => (_descriptors, _memory) = (Pool.Daemon.Descriptors, Pool.Daemon.Memory);

    [TearDown]
    public async Task Expect()
    {
        Assert.That(Pool.IsAlive());
        await Pool.ExpectDescriptorsAsync(_descriptors);
        Assert.That(Pool.Daemon.Memory - _memory, Is.LessThan(MemoryAllowance), "kB of memory");
    }

    private protected static byte[] Ping(ushort number) =>
        RawApplication.Bytes(number, 0, Command.Ping, new PingMessage(PingMessage.IdentityV2, Facilities.StartTls));

    /// <summary>Starts a server session whose client says nothing.</summary>
    private protected static Socket StartSilent(RawApplication application, ushort request, uint timeout = 200)
    {
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (pools)
            application.Send(request, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", timeout: timeout), (int)pools.Handle);
        return ours;
    }

    /// <summary>Brings a server session up to a frame; its TLS client is another application's session.</summary>
    private protected static (Task<TlsSession> Asking, Frame Last) StartUntil(
        RawApplication application, TlsPoolClient other, Command last, StartTlsFlags flags = StartTlsFlags.None, ControlKey key = default)
    {
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (pools)
        {
            StartTlsMessage request = RawApplication.StartTls(
                ServerFlags | StartTlsFlags.LocalIdCheck | flags, "server.example", key: key, timeout: 60_000);
            application.Send(1, 0, Command.StartTls, request, (int)pools.Handle);
        }
        Task<TlsSession> asking = other.StartTlsAsync(ours, StartTlsOptions.Client("server.example"));
        while (true)
        {
            Frame frame = application.Receive();
            if (frame.Command == last)
                return (asking, frame);
            if (frame.Command == Command.StartTlsLocalId)
            {
                application.Send(1, frame.CallbackId, Command.StartTlsLocalId, frame.Body);
                continue;
            }
            Assert.That(frame.Command, Is.EqualTo(Command.PlaintextConnect));
            (Socket mine, Socket theirs) = RawApplication.TcpPair();
            application.Kept.Add(mine);
            using (theirs)
                application.Send(1, frame.CallbackId, Command.PlaintextConnect, frame.Body, (int)theirs.Handle);
        }
    }

    /// <summary>Waits for the end of a stream, clean or not; false if it does not come.</summary>
    private protected static async Task<bool> EndsAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }
            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
