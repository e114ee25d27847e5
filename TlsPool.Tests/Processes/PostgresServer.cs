using System.Globalization;
using NUnit.Framework;

namespace TlsPool.Tests.Processes;

/// <summary>A PostgreSQL server with an empty database, run by its own user.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private PostgresServer(ChildProcess process, int port) => (_process, Port) = (process, port);

    internal int Port { get; }

    internal string Output => _process.Output;

    /// <summary>Makes the database and starts the server.</summary>
    /// <param name="parent">Where a directory for it is made; its user must be able to enter it.</param>
    /// <param name="name">Name of that directory.</param>
    /// <param name="tls">Files of certificate and key; null for a server without TLS.</param>
    internal static async Task<PostgresServer> StartAsync(string parent, string name, (string Certificate, string Key)? tls)
    {
        string programs = Path.Combine(Directory.GetDirectories("/usr/lib/postgresql").Max(StringComparer.Ordinal)!, "bin");
        string directory = Path.Combine(parent, name);
        string data = Path.Combine(directory, "data");
        Directory.CreateDirectory(directory);
        await RunAsync("chown", "postgres", directory);
        await RunAsync("runuser", "-u", "postgres", "--", $"{programs}/initdb", "-D", data, "-A", "trust", "--no-sync");
        List<string> options = [];
        if (tls is { } files)
        {
            await RunAsync("install", "-o", "postgres", "-m", "600", files.Certificate, files.Key, data);
            options = ["ssl=on", $"ssl_cert_file={Path.GetFileName(files.Certificate)}", $"ssl_key_file={Path.GetFileName(files.Key)}"];
        }
        int port = PoolProcess.FreePort();
        options.AddRange([string.Create(CultureInfo.InvariantCulture, $"port={port}"), "listen_addresses=127.0.0.1", $"unix_socket_directories={directory}", "fsync=off"]);
        ChildProcess process = ChildProcess.Start(
            "runuser", ["-u", "postgres", "--", $"{programs}/postgres", "-D", data, .. options.SelectMany(option => new[] { "-c", option })]);
        await process.WaitForAsync("database system is ready to accept connections");
        return new PostgresServer(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task RunAsync(string program, params string[] arguments)
    {
        (int code, string output) = await ChildProcess.RunAsync(program, arguments);
        Assert.That(code, Is.Zero, $"{program} {string.Join(' ', arguments)}: {output}");
    }
}
