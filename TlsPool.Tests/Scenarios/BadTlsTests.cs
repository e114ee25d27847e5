using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>What network peers may do wrong. Each case ends its own session, leaks nothing, and is told apart in the log.</summary>
public sealed class BadTlsTests
{
    private PoolProcess _pool = null!;
    private TunnelProcess _tunnel = null!;
    private Backend _backend = null!;
    private TaskCompletionSource<string> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _certificate = "";
    private int _descriptors;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync("tls_handshake_timeout 1000\n");
        _certificate = await _pool.IdentityAsync("server.example");
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
        _tunnel = await _pool.TunnelAsync("--server", "--connect", _backend.Address, "--local-id", "server.example", "--timeout", "2");
        await ChildProcess.RunAsync("openssl", ["s_client", "-connect", _tunnel.Address], input: "Q\n");
        await Task.Delay(300);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _tunnel.DisposeAsync();
        await _pool.DisposeAsync();
        _backend.Dispose();
    }

    [SetUp]
    public void Measure() => _descriptors = _pool.Daemon.Descriptors;

    [TearDown]
    public async Task Expect()
    {
        Assert.That(_pool.IsAlive());
        await _pool.ExpectDescriptorsAsync(_descriptors);
        (int code, string output) = await ChildProcess.RunAsync(
            "openssl", ["s_client", "-connect", _tunnel.Address, "-CAfile", _certificate, "-verify_return_error"], input: "Q\n");
        Assert.That(code, Is.Zero, output);
    }

    [TestCase("474554202F20485454502F312E310D0A0D0A", TestName = "Plain HTTP")]
    [TestCase("1603010005", TestName = "A record that is cut off")]
    [TestCase("16030148010100", TestName = "A record that is too large")]
    [TestCase("1603010000", TestName = "An empty handshake record")]
    [TestCase("160301000401000000", TestName = "An empty ClientHello")]
    [TestCase("16990100050100000100", TestName = "A version that does not exist")]
    [TestCase("170303000501000001AA", TestName = "Data before the handshake")]
    [TestCase("15030100020228", TestName = "An alert instead of a hello")]
    [TestCase("8080010301", TestName = "An SSL 2 hello")]
    [TestCase("160301000801FFFFFF0303AAAA", TestName = "A handshake message that is too large")]
    public async Task Nonsense_instead_of_a_hello(string hexadecimal)
    {
        using var peer = new TcpClient("127.0.0.1", _tunnel.Port);
        NetworkStream stream = peer.GetStream();
        await stream.WriteAsync(Convert.FromHexString(hexadecimal));
        peer.Client.Shutdown(SocketShutdown.Send);
        Assert.That(await AnswerAsync(stream), Has.Length.LessThan(100));
    }

    [Test]
    public async Task A_peer_that_stops_in_the_middle_of_the_handshake()
    {
        using var peer = new TcpClient("127.0.0.1", _tunnel.Port);
        await peer.GetStream().WriteAsync(Convert.FromHexString("160301020001"));
        await AnswerAsync(peer.GetStream());
        await _tunnel.Process.WaitForAsync("\"event\":\"failed\"");
    }

    [Test]
    public async Task A_peer_that_dies_without_close_notify_is_a_truncation_for_the_backend()
    {
        await using ChildProcess client = ChildProcess.Start("openssl", ["s_client", "-connect", _tunnel.Address, "-quiet"]);
        await client.Input.WriteAsync("hello\n");
        await client.Input.FlushAsync();
        await client.WaitForAsync("heard");
        _end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.Signal("KILL");
        Assert.That(await _end.Task.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo("reset"));
    }

    [Test]
    public async Task Random_bytes_after_a_hello()
    {
        var random = new Random(815);
        for (int round = 0; round < 200; round++)
        {
            using var peer = new TcpClient("127.0.0.1", _tunnel.Port);
            byte[] bytes = new byte[random.Next(1, 600)];
            random.NextBytes(bytes);
            (bytes[0], bytes[^1]) = (22, 0);
            NetworkStream stream = peer.GetStream();
            await stream.WriteAsync(bytes);
            peer.Client.Shutdown(SocketShutdown.Send);
            await AnswerAsync(stream);
        }
    }

    private static async Task<byte[]> AnswerAsync(NetworkStream stream)
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
}
