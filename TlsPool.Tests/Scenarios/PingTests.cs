using System.Text.Json;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>tlspool ping</c>.</summary>
[Parallelizable]
public sealed class PingTests
{
    private PoolProcess _pool = null!;

    [OneTimeSetUp]
    public async Task Start() => _pool = await PoolProcess.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [Test]
    public async Task A_pool_that_is_there_is_told()
    {
        string output = await _pool.RunAsync("ping");
        Assert.That(output, Does.StartWith($"{_pool.SocketPath}: 20151111api@tlspool.arpa2.net, starttls, ").And.EndWith(" ms\n"));
    }

    [Test]
    public async Task Scripts_get_JSON()
    {
        using JsonDocument answer = JsonDocument.Parse(await _pool.RunAsync("ping", "--json"));
        Assert.Multiple(() =>
        {
            Assert.That(answer.RootElement.GetProperty("socket").GetString(), Is.EqualTo(_pool.SocketPath));
            Assert.That(answer.RootElement.GetProperty("protocol").GetString(), Is.EqualTo("20151111api@tlspool.arpa2.net"));
            Assert.That(answer.RootElement.GetProperty("facilities").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { "starttls" }));
            Assert.That(answer.RootElement.GetProperty("milliseconds").GetDouble(), Is.GreaterThan(0));
        });
    }

    [TestCase("/absent/pool.sock", "no TLS Pool at /absent/pool.sock (No such file or directory")]
    [TestCase("/dev/null", "no TLS Pool at /dev/null (Connection refused")]
    public async Task A_pool_that_is_not_there_is_an_error_that_says_where(string socket, string message)
    {
        (int code, string output) = await _pool.TryAsync("ping", "--socket", socket);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain(message).And.Not.Contains("   at "));
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("2000000000")]
    public async Task Only_a_time_to_wait_that_makes_sense_is_taken(string seconds)
    {
        (int code, string output) = await _pool.TryAsync("ping", $"--timeout={seconds}");
        Assert.That((code, output), Is.EqualTo((1, "tlspool: --timeout takes 1 to 3600\n")));
    }

    [Test]
    public async Task A_pool_that_hangs_is_not_waited_for_for_ever()
    {
        _pool.Daemon.Signal("STOP");
        try
        {
            (int code, string output) = await _pool.TryAsync("ping", "--timeout", "1");
            Assert.That((code, output), Is.EqualTo((1, $"tlspool: {_pool.SocketPath}: no answer within 1 seconds\n")));
        }
        finally
        {
            _pool.Daemon.Signal("CONT");
        }
    }
}
