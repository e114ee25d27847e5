namespace TlsPool.Bench.Peers;

/// <summary>How each contestant is configured and started: same backend, certificate, suite and number of workers.</summary>
internal static class Contestants
{
    public static readonly string[] Names = ["tlspool", "stunnel", "haproxy", "nginx", "hitch"];

    public static Task<Contestant> StartAsync(string name, BenchSetup setup, CancellationToken cancellation) => name switch
    {
        "tlspool" => PoolAsync(setup, cancellation),
        "stunnel" => PlainAsync(setup, StunnelFile, "stunnel4", file => [file], cancellation),
        "haproxy" => PlainAsync(setup, HaproxyFile, "/usr/sbin/haproxy", file => ["-db", "-f", file], cancellation),
        "nginx" => PlainAsync(setup, NginxFile, "/usr/sbin/nginx", file => ["-c", file, "-p", setup.Folder], cancellation),
        "hitch" => PlainAsync(setup, HitchFile, "/usr/sbin/hitch", file => [$"--config={file}"], cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such contestant."),
    };

    private static async Task<Contestant> PlainAsync(BenchSetup setup, Func<BenchSetup, int, string> configure, string command,
        Func<string, string[]> arguments, CancellationToken cancellation)
    {
        var port = BenchSetup.FreePort();
        var file = setup.Write($"{Path.GetFileName(command)}-{port}.conf", configure(setup, port));
        var process = PeerProcess.Start(setup, command, arguments(file));
        try
        {
            await process.AcceptsAsync(port, cancellation);
            return new Contestant(port, process);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Pool and tunnel: both are measured.</summary>
    private static async Task<Contestant> PoolAsync(BenchSetup setup, CancellationToken cancellation)
    {
        // As it is shipped, if the build made that (build.cake), or as it was compiled.
        var program = Environment.GetEnvironmentVariable("TLSPOOL_BENCH_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "tlspool");
        var folder = Path.Combine(setup.Folder, $"pool-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var socket = Path.Combine(folder, "pool.sock");
        var file = setup.Write(Path.Combine(folder, "tlspool.conf"), $"""
            socket_name {socket}
            dbenv_dir {folder}/db
            daemon_pidfile {folder}/pid
            log_level WARNING

            """);
        using (var add = PeerProcess.Start(setup, program,
            "identity", "add", "localhost", "--certificate", setup.CertificateFile, "--key", setup.KeyFile, "--config", file))
            await add.EndsAsync(cancellation);
        var pool = PeerProcess.Start(setup, program, "--config", file, "--foreground");
        PeerProcess? tunnel = null;
        try
        {
            await pool.UntilAsync(() => Task.FromResult(File.Exists(socket)), "open its socket", cancellation);
            var port = BenchSetup.FreePort();
            tunnel = PeerProcess.Start(setup, program, "tunnel", "--server", "--listen", $"127.0.0.1:{port}", "--connect",
                $"127.0.0.1:{setup.BackendPort}", "--local-id", "localhost", "--socket", socket, "--quiet");
            await tunnel.AcceptsAsync(port, cancellation);
            return new Contestant(port, pool, tunnel);
        }
        catch
        {
            tunnel?.Dispose();
            pool.Dispose();
            throw;
        }
    }

    private static string StunnelFile(BenchSetup setup, int port) => $"""
        foreground = yes
        syslog = no
        pid =
        debug = 3
        socket = l:TCP_NODELAY=1
        socket = r:TCP_NODELAY=1
        sslVersion = TLSv1.3
        ciphersuites = {BenchSetup.CipherSuite}

        [bench]
        accept = 127.0.0.1:{port}
        connect = 127.0.0.1:{setup.BackendPort}
        cert = {setup.CertificateFile}
        key = {setup.KeyFile}

        """;

    private static string HaproxyFile(BenchSetup setup, int port) => $"""
        global
            maxconn 9000
            nbthread {BenchSetup.Workers}
            ssl-default-bind-options ssl-min-ver TLSv1.3
            ssl-default-bind-ciphersuites {BenchSetup.CipherSuite}

        defaults
            mode tcp
            timeout connect 5s
            timeout client 1h
            timeout server 1h

        frontend bench
            bind 127.0.0.1:{port} ssl crt {setup.CombinedFile}
            default_backend backend

        backend backend
            server backend 127.0.0.1:{setup.BackendPort}

        """;

    private static string NginxFile(BenchSetup setup, int port) => $$"""
        load_module /usr/lib/nginx/modules/ngx_stream_module.so;
        daemon off;
        worker_processes {{BenchSetup.Workers}};
        pid {{setup.Folder}}/nginx-{{port}}.pid;
        error_log stderr crit;
        events { worker_connections 20000; }
        stream {
            server {
                listen 127.0.0.1:{{port}} ssl backlog=4096;
                ssl_certificate {{setup.CertificateFile}};
                ssl_certificate_key {{setup.KeyFile}};
                ssl_protocols TLSv1.3;
                ssl_conf_command Ciphersuites {{BenchSetup.CipherSuite}};
                proxy_pass 127.0.0.1:{{setup.BackendPort}};
                proxy_timeout 1h;
            }
        }

        """;

    private static string HitchFile(BenchSetup setup, int port) => $"""
        frontend = "[127.0.0.1]:{port}"
        backend = "[127.0.0.1]:{setup.BackendPort}"
        pem-file = "{setup.CombinedFile}"
        tls-protos = TLSv1.3
        ciphersuites = "{BenchSetup.CipherSuite}"
        workers = {BenchSetup.Workers}
        backlog = 4096
        daemon = off
        user = "{Environment.UserName}"
        log-level = 0

        """;
}
