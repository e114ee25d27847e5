using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>
/// A pool with a server tunnel that has to come out of each test unharmed: the next peer is served, and the pool has no more descriptors
/// and hardly more memory than before.
/// </summary>
public abstract class UnharmedTunnelFixture
{
    private const long MemoryAllowance = 96 * 1024;

    private Backend _backend = null!;
    private TaskCompletionSource<string> _end = null!;
    private string _certificate = "";
    private int _descriptors;
    private long _memory;

    private protected PoolProcess Pool { get; private set; } = null!;

    private protected TunnelProcess Tunnel { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        Pool = await PoolProcess.StartAsync();
        _certificate = await Pool.IdentityAsync("server.example");
        _end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _backend = new Backend(async stream =>
        {
            byte[] buffer = new byte[4096];
            try
            {
                while (await stream.ReadAsync(buffer) > 0)
                    await stream.WriteAsync("heard\n"u8.ToArray());
                _end.TrySetResult("clean");
            }
            catch (IOException)
            {
                _end.TrySetResult("reset");
            }
        });
        Tunnel = await Pool.TunnelAsync(
            "--server", "--connect", _backend.Address, "--local-id", "server.example", "--service", "http", "--timeout", "60");
        await ServesAsync();
        await Pool.SettleAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await Tunnel.DisposeAsync();
        await Pool.DisposeAsync();
        _backend.Dispose();
    }

    [SetUp]
    public void Measure()
    {
        (_descriptors, _memory) = (Pool.Daemon.Descriptors, Pool.Daemon.Memory);
        _end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [TearDown]
    public async Task Expect()
    {
        Assert.That(Pool.IsAlive());
        await Pool.ExpectDescriptorsAsync(_descriptors);
        Assert.That(Pool.Daemon.Memory - _memory, Is.LessThan(MemoryAllowance), "kB of memory");
        Assert.That(Tunnel.Process.HasExited, Is.False, "the tunnel has ended");
        await ServesAsync();
    }

    /// <summary>How the backend's connection ended: clean or reset.</summary>
    private protected Task<string> BackendEndAsync() => _end.Task.WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Everything that comes until the other side closes.</summary>
    private protected static async Task<byte[]> AnswerAsync(NetworkStream stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all, limit.Token);
        }
        catch (IOException)
        {
            // A reset: the session is over.
            return all.ToArray();
        }
        return all.ToArray();
    }

    private async Task ServesAsync()
    {
        (int code, string output) = await ChildProcess.RunAsync(
            "openssl", ["s_client", "-connect", Tunnel.Address, "-CAfile", _certificate, "-verify_return_error"], input: "Q\n");
        Assert.That(code, Is.Zero, output);
    }
}
