using System.Net.Sockets;
using System.Text.Json;
using NUnit.Framework;
using TlsPool.Actors.Management.Remoting;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>A running pool, seen and changed by commands as people use them.</summary>
[Parallelizable]
public sealed class ManagementTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync("manage_allow viewer user:nobody\nmanage_allow operator user:daemon\n");
        foreach (string name in new[] { "one.example", "two.example" })
            await _pool.IdentityAsync(name);
        File.SetUnixFileMode(_pool.Directory, (UnixFileMode)0x1ED);
        _client = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task Sessions_are_seen_filtered_and_in_their_order()
    {
        using Pair one = await PairAsync("one.example"), two = await PairAsync("two.example");
        await one.SayAsync("hello, and some more");
        JsonElement[] all = await SessionsAsync("--identity", "ONE.example");
        Assert.That(all, Has.Length.EqualTo(2), "both ends are the pool's");
        JsonElement server = all.Single(session => session.GetProperty("role").GetString() == "server");
        Assert.That(server.GetProperty("localId").GetString(), Is.EqualTo("one.example"));
        Assert.That(server.GetProperty("state").GetString(), Is.EqualTo("established"));
        Assert.That(server.GetProperty("version").GetString(), Is.EqualTo("TLS 1.3"));
        Assert.That(server.GetProperty("peer").GetString(), Does.StartWith("127.0.0.1:"));
        Assert.That(server.GetProperty("pid").GetInt32(), Is.EqualTo(Environment.ProcessId));

        JsonElement[] busiest = await SessionsAsync("--sort", "bytes", "--limit", "2", "--min-bytes", "1");
        Assert.That(busiest.Select(session => session.GetProperty("number").GetInt64()), Is.EquivalentTo(all.Select(session => session.GetProperty("number").GetInt64())));
        foreach ((string option, string value) in new[]
                 {
                     ("--uid", "4711"), ("--suite", "TLS 1.2"), ("--peer", "10."), ("--min-age", "100000"), ("--min-bytes", "1000000"), ("--state", "renewing"),
                 })
            Assert.That(await SessionsAsync("--identity", "one.example", option, value), Is.Empty, option);
        foreach ((string option, string value) in new[]
                 {
                     ("--uid", "0"), ("--suite", "tls 1.3"), ("--peer", "127.0.0.1:"), ("--min-age", "0"), ("--state", "established"),
                 })
            Assert.That(await SessionsAsync("--identity", "one.example", option, value), Has.Length.EqualTo(2), option);
    }

    [Test]
    public async Task Lists_are_followed_part_by_part()
    {
        using Pair one = await PairAsync("one.example"), two = await PairAsync("two.example");
        string[] parts = (await _pool.RunAsync("session", "list", "--json", "--all", "--limit", "1")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(parts, Has.Length.GreaterThanOrEqualTo(4));
        Assert.That(parts.SelectMany(part => JsonDocument.Parse(part).RootElement.GetProperty("items").EnumerateArray())
            .Select(session => session.GetProperty("number").GetInt64()), Is.Unique.And.Ordered);
    }

    [Test]
    public async Task A_session_that_is_closed_ends_cleanly_on_both_sides_and_only_that_one()
    {
        using Pair one = await PairAsync("one.example"), two = await PairAsync("two.example");
        long number = await NumberAsync("one.example");
        (int code, string output) = await _pool.TryAsync("session", "close", $"{number}");
        Assert.That((code, output.Contains("--yes", StringComparison.Ordinal)), Is.EqualTo((1, true)), "nobody is there to ask");
        Assert.That(await _pool.RunAsync("session", "close", $"{number}", "--yes"), Does.Contain($"session {number} was ended"));
        Assert.That(await one.EndAsync().WaitAsync(Patience), Is.Zero, "end of data");
        await two.SayAsync("still there");
        await _pool.WaitForAuditAsync($"session {number} was ended, by uid 0 (admin)", "--kind", "administration");
        (code, output) = await _pool.TryAsync("session", "close", $"{number}", "--yes");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain($"has no session {number}"));
    }

    [Test]
    public async Task A_session_that_is_detached_waits_for_who_has_its_key()
    {
        var key = ControlKey.Random();
        using Pair pair = await PairAsync("one.example", key);
        long number = await NumberAsync("one.example");
        Assert.That(await _pool.RunAsync("session", "detach", $"{number}", "--yes"), Does.Contain("was detached"));
        Assert.That(await _pool.RunAsync("session", "show", $"{number}"), Does.Contain("isDetached     yes"));
        await pair.SayAsync("it goes on");
        await using (TlsPoolClient other = _pool.Client())
        {
            await other.ReattachAsync(key).WaitAsync(Patience);
            Assert.That(await _pool.RunAsync("session", "show", $"{number}"), Does.Contain("isDetached     no"));
        }
    }

    [Test]
    public async Task Roles_are_those_of_the_user_whose_process_it_is()
    {
        Assert.That((await AsAsync("nobody", "node", "overview")).ExitCode, Is.Zero);
        (int code, string output) = await AsAsync("nobody", "log", "level", "debug");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("log.level takes the role operator, and uid 65534 has viewer: see manage_allow"));
        Assert.That((await AsAsync("daemon", "log", "level", "debug")).ExitCode, Is.Zero);
        (code, output) = await AsAsync("bin", "session", "list");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("uid 2 may not manage this pool: see manage_allow"));
        await _pool.WaitForAuditAsync("log.level takes the role operator, by uid 65534 (viewer)", "--decision", "refused");
        await _pool.WaitForAuditAsync("the log has level debug, until the configuration is read again, by uid 1 (operator)");
    }

    [Test]
    public async Task The_log_is_seen_with_filters()
    {
        string lines = await _pool.RunAsync("log", "list", "--level", "info", "--facility", "tls", "--text", "one.example", "--json", "--limit", "500");
        using Pair pair = await PairAsync("one.example");
        lines = await _pool.RunAsync("log", "list", "--level", "info", "--facility", "tls", "--text", "one.example", "--json", "--limit", "500");
        JsonElement[] items = [.. JsonDocument.Parse(lines).RootElement.GetProperty("items").EnumerateArray()];
        Assert.That(items, Is.Not.Empty);
        Assert.That(items.Select(item => item.GetProperty("facility").GetString()), Is.All.EqualTo("TLS"));
        Assert.That(items.Select(item => item.GetProperty("time").GetDateTimeOffset()), Is.Ordered.Descending);
    }

    [Test]
    public async Task What_makes_no_sense_is_refused_with_a_reason()
    {
        foreach ((string[] arguments, string reason) in new (string[], string)[]
                 {
                     (["session", "list", "--limit", "501"], "'limit' is 1 to 500"),
                     (["session", "list", "--after", "x"], "'after' is none of what 'next' says"),
                     (["session", "list", "--node", "elsewhere"], "there is no node 'elsewhere'"),
                     (["session", "show", "999999"], "has no session 999999"),
                     (["node", "leave", Environment.MachineName, "--yes"], "is in no cluster"),
                     (["node", "drain", "elsewhere", "--yes"], "and not 'elsewhere'"),
                     (["token", "logout", "pkcs11:token=none", "--yes"], "has no such token"),
                     (["token", "login", "builtin:", "--no-pin"], "has no login"),
                     (["node", "list", "--socket", "/nowhere.sock"], "nobody serves it"),
                     (["node", "list", "--certificate", "x.pem"], "go with --connect"),
                 })
        {
            (int code, string output) = await _pool.TryAsync(arguments);
            Assert.That(code, Is.EqualTo(1), output);
            Assert.That(output, Does.Contain(reason), string.Join(' ', arguments));
        }
    }

    [Test]
    public async Task A_pool_that_is_drained_ends_when_its_sessions_have()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await pool.IdentityAsync("last.example");
        await using TlsPoolClient client = pool.Client();
        Pair pair = await PairAsync(client, "last.example");
        Assert.That(await pool.RunAsync("node", "drain", Environment.MachineName, "--yes"), Does.Contain("takes no new sessions"));
        await pool.WaitForLogAsync("sessions have");
        Assert.That(pool.Daemon.HasExited, Is.False);
        pair.Dispose();
        Assert.That(await pool.Daemon.ExitAsync(), Is.Zero);
    }

    [Test]
    public async Task A_successor_is_managed_where_the_daemon_before_it_was()
    {
        string socket = Path.Combine(Path.GetTempPath(), $"tlspool-{Guid.NewGuid():n}.sock"), certificate = "";
        int port = PoolProcess.FreePort();
        await using PoolProcess pool = await PoolProcess.StartAsync(
            $"http_socket {socket}\nhttp_address 127.0.0.1:{port}\nhttp_identity localhost\n", prepare: async made => certificate = await made.IdentityAsync("localhost"));
        string[] plain = ["--unix-socket", socket, "http://localhost/readyz"], secure = ["--cacert", certificate, $"https://localhost:{port}/readyz"];
        foreach (string[] url in new[] { plain, secure })
            Assert.That(await CurlAsync(url), Does.EndWith("200"));
        await using ManagementClient before = await ManagementClient.ConnectAsync(Path.Combine(pool.Directory, "pool-manage.sock")).WaitAsync(Patience);
        int old = pool.Daemon.Id;
        await pool.RunAsync("--hand-over");
        int next = JsonDocument.Parse(await pool.RunAsync("node", "overview", "--json")).RootElement.GetProperty("items")[0].GetProperty("process").GetInt32();
        Assert.That(next, Is.Not.EqualTo(old));
        Assert.That(await CurlAsync(plain), Does.EndWith("200"));
        await Waiting.ForAsync(() => CurlAsync(secure).Result.EndsWith("200", StringComparison.Ordinal));
        await pool.RunAsync("node", "drain", Environment.MachineName, "--yes");
        await pool.Daemon.ExitAsync();
    }

    [Test]
    public async Task Who_replaces_a_daemon_that_still_drains_is_managed_in_its_place()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync("drain_timeout 60\n");
        await pool.IdentityAsync("last.example");
        await using TlsPoolClient client = pool.Client();
        Pair pair = await PairAsync(client, "last.example");
        await using ChildProcess next = pool.Start(["-k", "--foreground"]);
        await next.WaitForAsync("Hosting started");
        int managed = JsonDocument.Parse(await pool.RunAsync("node", "overview", "--json")).RootElement.GetProperty("items")[0].GetProperty("process").GetInt32();
        Assert.That(managed, Is.EqualTo(next.Id));
        Assert.That(pool.Daemon.HasExited, Is.False, "it drains");
        pair.Dispose();
        Assert.That(await pool.Daemon.ExitAsync(), Is.Zero);
        next.Signal("TERM");
        await next.ExitAsync();
    }

    private static async Task<string> CurlAsync(string[] url) =>
        (await ChildProcess.RunAsync("curl", ["--silent", "--show-error", "--max-time", "20", "--write-out", " %{http_code}", .. url])).Output;

    private Task<(int ExitCode, string Output)> AsAsync(string user, params string[] arguments) =>
        ChildProcess.RunAsync("setpriv", ["--reuid", user, "--regid", "nogroup", "--clear-groups", PoolProcess.Program, .. arguments, "--socket", Path.Combine(_pool.Directory, "pool-manage.sock")]);

    private async Task<JsonElement[]> SessionsAsync(params string[] options) =>
        [.. JsonDocument.Parse(await _pool.RunAsync(["session", "list", "--json", .. options])).RootElement.GetProperty("items").EnumerateArray()];

    /// <summary>Number of the server's session of an identity, the newest.</summary>
    private async Task<long> NumberAsync(string identity) => (await SessionsAsync("--identity", identity, "--limit", "500"))
        .Where(session => session.GetProperty("role").GetString() == "server" && session.GetProperty("state").GetString() == "established")
        .Max(session => session.GetProperty("number").GetInt64());

    private Task<Pair> PairAsync(string identity, ControlKey? key = null) => PairAsync(_client, identity, key);

    private static async Task<Pair> PairAsync(TlsPoolClient client, string identity, ControlKey? key = null)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, StartTlsOptions.Server(identity, StartTlsFlags.IgnoreRemoteId | StartTlsFlags.Fork) with { ControlKey = key });
        Task<TlsSession> asking = client.StartTlsAsync(far, StartTlsOptions.Client(identity, StartTlsFlags.Fork));
        return new Pair(await serving.WaitAsync(Patience), await asking.WaitAsync(Patience));
    }

    /// <summary>Both ends of a session.</summary>
    private sealed class Pair(TlsSession server, TlsSession client) : IDisposable
    {
        internal async Task SayAsync(string text)
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
            await client.Socket.SendAsync(bytes);
            byte[] heard = new byte[bytes.Length];
            for (int read = 0; read < heard.Length;)
                read += await server.Socket.ReceiveAsync(heard.AsMemory(read)).AsTask().WaitAsync(Patience);
            Assert.That(heard, Is.EqualTo(bytes));
        }

        internal async Task<int> EndAsync() => await client.Socket.ReceiveAsync(new byte[1]);

        public void Dispose()
        {
            server.Dispose();
            client.Dispose();
        }
    }
}
