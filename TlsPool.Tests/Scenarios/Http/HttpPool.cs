using System.Globalization;
using System.Text.Json;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>A daemon that serves HTTP both ways, people with certificates, and curl.</summary>
internal sealed class HttpPool : IAsyncDisposable
{
    /// <summary>The name that the daemon proves over TLS.</summary>
    internal const string Name = "pool.example";

    /// <summary>Users of this host: one without a role, and one each that may look and run the pool.</summary>
    internal const int Nobody = 65534, Viewer = 1, Operator = 2;

    private readonly string _sockets;
    private readonly Openssl _openssl;

    private HttpPool(string sockets, int port, Openssl openssl, PoolProcess pool) => (_sockets, Port, _openssl, Pool) = (sockets, port, openssl, pool);

    internal PoolProcess Pool { get; }

    internal int Port { get; }

    internal string SocketPath => Path.Combine(_sockets, "http.sock");

    internal Openssl Openssl => _openssl;

    internal static async Task<HttpPool> StartAsync(string configuration = "")
    {
        string sockets = Directory.CreateTempSubdirectory("tlspool-test-").FullName;
        // Processes of other users come in too.
        File.SetUnixFileMode(sockets, (UnixFileMode)0b111_101_101);
        var openssl = new Openssl(Path.Combine(sockets, "certificates"));
        await openssl.MakeAuthorityAsync();
        int port = PoolProcess.FreePort();
        PoolProcess pool = await PoolProcess.StartAsync(
            $"""
            http_socket {sockets}/http.sock
            http_address 127.0.0.1:{port}
            http_identity {Name}
            manage_allow viewer user:{Viewer}
            manage_allow operator user:{Operator}
            manage_allow viewer identity:vera@people.example
            manage_allow admin identity:ada@people.example
            {configuration}

            """,
            prepare: async starting =>
            {
                await starting.IdentityAsync(Name);
                await starting.RunAsync("trust", "add", openssl.Authority);
            });
        var http = new HttpPool(sockets, port, openssl, pool);
        await pool.WaitForLogAsync($"HTTP is served at https://127.0.0.1:{port}");
        // The first handshake loads what it needs, which may take longer than strangers get on a machine that is busy.
        (int code, string output) = await http.TryOverTlsAsync("/healthz", "--retry", "5", "--retry-all-errors");
        Assert.That(code, Is.Zero, output);
        return http;
    }

    /// <summary>Makes a certificate of a person.</summary>
    /// <returns>Options of curl that show it.</returns>
    internal async Task<string[]> CertificateAsync(string person, int days = 30, string issuer = "ca")
    {
        (string certificate, string key) = await _openssl.IssueAsync(person, $"subjectAltName=email:{person}\nextendedKeyUsage=clientAuth", days, issuer);
        return ["--cert", certificate, "--key", key];
    }

    /// <summary>Asks at the UNIX socket as root.</summary>
    internal Task<CurlAnswer> AskAsync(string path, params string[] options) => AskAsAsync(0, path, options);

    /// <summary>Asks at the UNIX socket as a user of this host.</summary>
    internal async Task<CurlAnswer> AskAsAsync(int uid, string path, params string[] options)
    {
        string id = uid.ToString(CultureInfo.InvariantCulture);
        string[] command = ["--reuid", id, "--regid", id, "--clear-groups", "curl", "-sS", "-i", "--max-time", "25", "-H", "Expect:", "--unix-socket", SocketPath, .. options, $"http://localhost{path}"];
        (int code, string output) = await ChildProcess.RunAsync("setpriv", command);
        Assert.That(code, Is.Zero, $"{path}: {output}");
        return CurlAnswer.Parse(output);
    }

    /// <summary>Asks over TLS; curl checks who the daemon is.</summary>
    internal async Task<CurlAnswer> AskOverTlsAsync(string path, params string[] options)
    {
        (int code, string output) = await TryOverTlsAsync(path, options);
        Assert.That(code, Is.Zero, $"{path}: {output}");
        return CurlAnswer.Parse(output);
    }

    /// <summary>Asks over TLS, which may fail.</summary>
    internal Task<(int ExitCode, string Output)> TryOverTlsAsync(string path, params string[] options)
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"{Name}:{Port}");
        return ChildProcess.RunAsync(
            "curl",
            ["-sS", "-i", "--max-time", "25", "--cacert", Path.Combine(Pool.Directory, $"{Name}.pem"), "--resolve", $"{address}:127.0.0.1", .. options, $"https://{address}{path}"]);
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        Directory.Delete(_sockets, recursive: true);
    }
}

/// <summary>What curl got.</summary>
internal sealed record CurlAnswer(int Status, string Headers, string Body)
{
    internal JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>Why it was not done.</summary>
    internal string Problem
    {
        get
        {
            Assert.That(Headers, Does.Contain("application/problem+json"), Body);
            Assert.That(Json.GetProperty("status").GetInt32(), Is.EqualTo(Status));
            return Json.GetProperty("detail").GetString()!;
        }
    }

    internal static CurlAnswer Parse(string output)
    {
        int end = output.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.That(end, Is.Positive, output);
        string head = output[..end];
        return new CurlAnswer(int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture), head, output[(end + 4)..]);
    }
}
