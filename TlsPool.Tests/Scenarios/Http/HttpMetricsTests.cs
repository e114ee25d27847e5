using System.Net.Sockets;
using System.Text.Json;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>What those who watch the pool read, checked with the parser of Prometheus.</summary>
[Parallelizable]
public sealed class HttpMetricsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private HttpPool _http = null!;

    [OneTimeSetUp]
    public async Task Start() => _http = await HttpPool.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _http.DisposeAsync();

    [Test]
    public async Task Metrics_tell_what_happened()
    {
        Dictionary<string, double> before = await ScrapeAsync();
        await using TlsPoolClient client = _http.Pool.Client();
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, StartTlsOptions.Server(HttpPool.Name, StartTlsFlags.IgnoreRemoteId));
        using TlsSession asking = await client.StartTlsAsync(far, StartTlsOptions.Client(HttpPool.Name)).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
        await served.Socket.SendAsync(new byte[1000]);
        await ReadAsync(asking.Socket, 1000);
        (Socket lone, Socket other) = RawApplication.TcpPair();
        other.Dispose();
        await Assert.ThrowsAsync<TlsPoolException>(() => client.StartTlsAsync(lone, StartTlsOptions.Client(HttpPool.Name)).WaitAsync(Patience));
        Dictionary<string, double> after = await ScrapeAsync();

        double Growth(string sample) => after[sample] - before.GetValueOrDefault(sample);
        Assert.Multiple(() =>
        {
            Assert.That(after["tlspool_sessions{state=established}"], Is.EqualTo(2));
            Assert.That(after["tlspool_sessions{state=closing}"], Is.Zero);
            Assert.That(Growth("tlspool_handshakes_total{outcome=full}") + Growth("tlspool_handshakes_total{outcome=resumed}"), Is.EqualTo(2));
            Assert.That(Growth("tlspool_handshakes_total{outcome=failed}"), Is.EqualTo(1));
            Assert.That(Growth("tlspool_transferred_bytes_total{direction=sent}"), Is.EqualTo(1000));
            Assert.That(Growth("tlspool_transferred_bytes_total{direction=received}"), Is.EqualTo(1000));
            Assert.That(Growth("tlspool_handshake_duration_seconds_count{outcome=full,role=server}"), Is.EqualTo(1));
            Assert.That(Growth("tlspool_handshake_duration_seconds_bucket{le=+Inf,outcome=failed,role=client}"), Is.EqualTo(1));
            Assert.That(after["tlspool_handshake_duration_seconds_sum{outcome=full,role=client}"], Is.Positive.And.LessThan(30));
            Assert.That(after.Where(sample => sample.Key.StartsWith("tlspool_token_ready{", StringComparison.Ordinal)).Select(sample => sample.Value), Is.EqualTo(new[] { 1.0 }));
            Assert.That(after["tlspool_identities"], Is.EqualTo(1));
            Assert.That(after["tlspool_identity_expiry_seconds"], Is.Positive);
            Assert.That((after["tlspool_nodes{state=active}"], after["tlspool_draining"], after["tlspool_pin_requests"]), Is.EqualTo((1, 0, 0)));
            Assert.That(after["tlspool_scrape_duration_seconds"], Is.Positive.And.LessThan(10));
            Assert.That(after["process_resident_memory_bytes"], Is.GreaterThan(10_000_000));
            Assert.That(Growth("process_cpu_seconds_total"), Is.Positive);
            Assert.That(after["process_start_time_seconds"], Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(3600));
            Assert.That(after["tlspool_log_dropped_total"], Is.Zero);
        });
    }

    [Test]
    public async Task Readiness_tells_of_tokens_that_do_not_sign_and_of_the_end()
    {
        string[] locked = ["pkcs11_path /usr/lib/softhsm/libsofthsm2.so", "pkcs11_token pkcs11:token=no-such-token"];
        await using HttpPool http = await HttpPool.StartAsync($"drain_timeout 60\n{string.Join('\n', locked)}");
        CurlAnswer degraded = await http.AskAsync("/readyz");
        Assert.That((degraded.Status, degraded.Json.GetProperty("status").GetString()), Is.EqualTo((200, "degraded")), degraded.Body);
        Assert.That(degraded.Body, Does.Contain("1 of 2 tokens cannot sign"));

        await using TlsPoolClient client = http.Pool.Client();
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, StartTlsOptions.Server(HttpPool.Name, StartTlsFlags.IgnoreRemoteId));
        TlsSession asking = await client.StartTlsAsync(far, StartTlsOptions.Client(HttpPool.Name)).WaitAsync(Patience);
        TlsSession served = await serving.WaitAsync(Patience);
        using var balancer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await balancer.ConnectAsync(new UnixDomainSocketEndPoint(http.SocketPath));
        Assert.That(await AskAsync(balancer, "/healthz"), Does.StartWith("HTTP/1.1 200 "));
        // A page that is open over TLS is two sessions of this pool, which do not hold up the end.
        await using TunnelProcess tunnel = await http.Pool.TunnelAsync("--client", "--connect", $"127.0.0.1:{http.Port}", "--remote-id", HttpPool.Name);
        using var page = new TcpClient("127.0.0.1", tunnel.Port);
        Assert.That(await AskAsync(page.Client, "/healthz"), Does.StartWith("HTTP/1.1 200 "));
        http.Pool.Daemon.Signal("TERM");
        await http.Pool.WaitForLogAsync("sessions have 60 s to end");
        Assert.That(await page.Client.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero);
        page.Dispose();
        string unready = await AskAsync(balancer, "/readyz");
        Assert.That(unready, Does.StartWith("HTTP/1.1 503 ").And.Contains("the daemon is ending"));
        Assert.That(File.Exists(http.SocketPath), Is.False, "a successor can have it");
        using (var successor = new TcpListener(System.Net.IPAddress.Loopback, http.Port))
            successor.Start();
        asking.Dispose();
        served.Dispose();
        await http.Pool.Daemon.ExitAsync();
    }

    private static async Task<string> AskAsync(Socket connection, string path)
    {
        await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        byte[] buffer = new byte[8192];
        string answer = "";
        // All of them end in a JSON object.
        while (!answer.EndsWith('}'))
        {
            int count = await connection.ReceiveAsync(buffer).WaitAsync(Patience);
            Assert.That(count, Is.Positive, answer);
            answer += System.Text.Encoding.ASCII.GetString(buffer, 0, count);
        }
        return answer;
    }

    private async Task<Dictionary<string, double>> ScrapeAsync()
    {
        CurlAnswer answer = await _http.AskAsync("/metrics");
        Assert.That(answer.Headers, Does.Contain("Content-Type: text/plain"));
        using JsonDocument samples = JsonDocument.Parse(await Python.ParseMetricsAsync(answer.Body));
        return samples.RootElement.EnumerateArray().ToDictionary(Name, sample => sample[3].GetDouble());
    }

    private static string Name(JsonElement sample)
    {
        string[] labels = [.. sample[2].EnumerateObject().Select(label => $"{label.Name}={label.Value.GetString()}").Order(StringComparer.Ordinal)];
        return sample[1].GetString() + (labels.Length == 0 ? "" : $"{{{string.Join(',', labels)}}}");
    }

    private static async Task ReadAsync(Socket socket, int count)
    {
        byte[] buffer = new byte[count];
        for (int got = 0; got < count;)
            got += await socket.ReceiveAsync(buffer.AsMemory(got)).AsTask().WaitAsync(Patience);
    }
}
