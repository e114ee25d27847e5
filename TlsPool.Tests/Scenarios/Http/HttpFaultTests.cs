using System.Net.Sockets;
using System.Text;
using NUnit.Framework;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>Requests that are wrong, hostile or slow harm nobody.</summary>
[Parallelizable]
public sealed class HttpFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private HttpPool _http = null!;

    [OneTimeSetUp]
    public async Task Start() => _http = await HttpPool.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _http.DisposeAsync();

    [TearDown]
    public async Task Others_are_served() => Assert.That((await _http.AskAsAsync(HttpPool.Viewer, "/api/v1/node/overview")).Status, Is.EqualTo(200));

    [TestCase("/api/v1/session/list?nosuch=1", 400, "there is no argument 'nosuch'")]
    [TestCase("/api/v1/session/list?limit=ten", 400, "'limit' takes a number")]
    [TestCase("/api/v1/session/list?limit=9999", 400, "'limit' is 1 to 500")]
    [TestCase("/api/v1/session/list?limit=1&limit=2", 400, "'limit' is there twice")]
    [TestCase("/api/v1/session/list?state=asleep", 400, "'state' is one of handshaking")]
    [TestCase("/api/v1/session/list?after=%00", 400, "'after' takes no control characters")]
    [TestCase("/api/v1/session/show", 400, "'number' is missing")]
    [TestCase("/api/v1/session/show?number=77777", 404, "has no session 77777")]
    [TestCase("/api/v1/session/close?number=1", 405, "takes another method")]
    [TestCase("/api/v1/nothing", 404, "openapi.json says what there is")]
    [TestCase("/../../etc/passwd", 404, "openapi.json says what there is")]
    public async Task Questions_that_make_no_sense_are_told_so(string path, int status, string reason)
    {
        CurlAnswer answer = await _http.AskAsync(path, "--path-as-is");
        Assert.That(answer.Status, Is.EqualTo(status), answer.Body);
        Assert.That(answer.Problem, Does.Contain(reason));
    }

    [TestCase("{", 400, "are no JSON")]
    [TestCase("[]", 400, "arguments are a JSON object")]
    [TestCase("{\"level\":\"debug\"}{}", 400, "arguments are")]
    [TestCase("{\"level\":{\"a\":{\"b\":{\"c\":1}}}}", 400, "too deep")]
    [TestCase("{\"level\":7}", 400, "'level' takes a text")]
    [TestCase("{\"level\":\"debug\",\"level\":\"info\"}", 400, "'level' is there twice")]
    public async Task Bodies_that_make_no_sense_are_told_so(string body, int status, string reason)
    {
        CurlAnswer answer = await PostAsync("/api/v1/log/level", body);
        Assert.That(answer.Status, Is.EqualTo(status), answer.Body);
        Assert.That(answer.Problem, Does.Contain(reason));
    }

    [Test]
    public async Task Wrong_methods_are_told_the_right_one()
    {
        foreach ((string path, string method, string allowed) in new[]
        {
            ("/api/v1/session/list", "POST", "GET, HEAD"), ("/api/v1/session/list", "DELETE", "GET, HEAD"), ("/api/v1/log/level", "GET", "POST"),
            ("/metrics", "POST", "GET, HEAD"), ("/", "PUT", "GET, HEAD"), ("/healthz", "OPTIONS", "GET, HEAD"),
        })
        {
            CurlAnswer answer = await _http.AskAsync(path, "-X", method, "-H", "Content-Type: application/json");
            Assert.That(answer.Status, Is.EqualTo(405), $"{method} {path}: {answer.Body}");
            Assert.That(answer.Headers, Does.Contain($"Allow: {allowed}"));
            Assert.That(answer.Problem, Does.Contain("'Allow' says which"));
        }
        Assert.That((await _http.AskAsync("/healthz", "-I")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task What_is_too_large_is_refused()
    {
        string file = Path.Combine(_http.Pool.Directory, "large");
        await File.WriteAllTextAsync(file, $"{{\"level\":\"{new string('x', 600_000)}\"}}");
        CurlAnswer body = await PostAsync("/api/v1/log/level", $"@{file}");
        Assert.That(body.Status, Is.EqualTo(413), body.Body);
        CurlAnswer chunked = await PostAsync("/api/v1/log/level", $"@{file}", "-H", "Transfer-Encoding: chunked");
        Assert.That(chunked.Status, Is.EqualTo(413), chunked.Body);
        Assert.That((await _http.AskAsync($"/api/v1/session/list?identity={new string('x', 9000)}")).Status, Is.EqualTo(414));
        Assert.That((await _http.AskAsync("/healthz", "-H", $"X-Long: {new string('x', 20_000)}")).Status, Is.EqualTo(431));
        Assert.That((await _http.AskAsync("/healthz", [.. Enumerable.Range(0, 60).SelectMany(number => new[] { "-H", $"X-{number}: 1" })])).Status, Is.EqualTo(431));
    }

    [TestCase("NONSENSE\r\n\r\n")]
    [TestCase("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n")]
    [TestCase("GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [TestCase("POST /api/v1/log/level HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n")]
    [TestCase("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003")]
    public async Task What_is_no_HTTP_is_refused_and_the_connection_ends(string bytes)
    {
        using Socket client = Connect();
        await client.SendAsync(Encoding.Latin1.GetBytes(bytes));
        client.Shutdown(SocketShutdown.Send);
        string answer = await ReadToEndAsync(client);
        Assert.That(answer, Is.Empty.Or.StartsWith("HTTP/1.1 400 ").Or.StartsWith("HTTP/1.1 505 "));
    }

    [Test]
    public async Task Pages_of_other_sites_change_and_read_nothing()
    {
        string[] body = ["-H", "Content-Type: application/json", "--data-binary", """{"level":"debug"}"""];
        string[][] foreign =
        [
            ["-H", "Origin: https://evil.example"], ["-H", "Origin: null"], ["-H", "Origin: http://localhost:81"],
            ["-H", "Sec-Fetch-Site: cross-site"], ["-H", "Sec-Fetch-Site: same-site"],
        ];
        foreach (string[] headers in foreign)
        {
            Assert.That((await _http.AskAsync("/api/v1/log/level", [.. body, .. headers])).Status, Is.EqualTo(403), string.Join(' ', headers));
            Assert.That((await _http.AskAsync("/api/v1/session/list", headers)).Problem, Does.Contain("another site"), string.Join(' ', headers));
        }
        CurlAnswer own = await _http.AskAsync("/api/v1/log/level", [.. body, "-H", "Origin: http://localhost", "-H", "Sec-Fetch-Site: same-origin"]);
        Assert.That(own.Status, Is.EqualTo(200), own.Body);
        // What a form can send without asking first.
        foreach (string type in new[] { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x" })
            Assert.That((await _http.AskAsync("/api/v1/log/level", "-H", $"Content-Type: {type}", "--data-binary", """{"level":"debug"}""")).Status, Is.EqualTo(415), type);
    }

    [Test]
    public async Task Names_that_somebody_else_points_here_are_refused()
    {
        foreach (string name in new[] { "evil.example", "localhost.evil.example", "127.0.0.2" })
            Assert.That((await _http.AskAsync("/healthz", "-H", $"Host: {name}")).Status, Is.EqualTo(421), name);
        foreach (string name in new[] { "localhost:8081", "127.0.0.1", "[::1]:99", HttpPool.Name })
            Assert.That((await _http.AskAsync("/healthz", "-H", $"Host: {name}")).Status, Is.EqualTo(200), name);
    }

    [Test]
    public async Task Answers_are_for_nobody_else()
    {
        foreach (string path in new[] { "/", "/page.js", "/healthz", "/metrics", "/api/v1/session/list", "/nothing" })
        {
            string headers = (await _http.AskAsync(path)).Headers;
            Assert.That(headers, Does.Contain("frame-ancestors 'none'").And.Contains("X-Content-Type-Options: nosniff").And.Contains("Cache-Control: no-store"), path);
            Assert.That(headers, Does.Not.Contain("Set-Cookie").And.Not.Contains("Access-Control-").And.Not.Contains("Server:"), path);
        }
    }

    [Test]
    public async Task Slow_clients_are_dropped()
    {
        using Socket headers = Connect(), body = Connect();
        await headers.SendAsync("GET /healthz HTTP/1.1\r\nHost: loc"u8.ToArray());
        await body.SendAsync("POST /api/v1/log/level HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{"u8.ToArray());
        Assert.That(await ReadToEndAsync(headers), Is.Empty.Or.StartsWith("HTTP/1.1 408 "));
        Assert.That(await ReadToEndAsync(body), Is.Empty.Or.StartsWith("HTTP/1.1 408 "));
    }

    [Test]
    public async Task Nobody_takes_all_connections()
    {
        List<Socket> taken = [.. Enumerable.Range(0, 60).Select(_ => Connect())];
        try
        {
            Assert.That((await _http.AskAsAsync(HttpPool.Viewer, "/api/v1/node/overview")).Status, Is.EqualTo(200));
            Assert.That(await ReadToEndAsync(taken[^1]), Is.Empty, "one of too many is closed at once");
        }
        finally
        {
            taken.ForEach(socket => socket.Dispose());
        }
        await Waiting.ForAsync(() => _http.AskAsync("/healthz").ContinueWith(asked => asked.IsCompletedSuccessfully, TaskScheduler.Default).Result);
    }

    private Task<CurlAnswer> PostAsync(string path, string body, params string[] options) =>
        _http.AskAsync(path, ["-H", "Content-Type: application/json", "--data-binary", body, .. options]);

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_http.SocketPath));
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(Patience) is > 0 and var count)
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (SocketException)
        {
            // Cut off: that is an end too.
        }
        return text.ToString();
    }
}
