namespace TlsPool.Bench.Peers;

/// <summary>The plain HTTP server behind every contestant: nginx, so that it is never the slowest part.</summary>
internal static class Backend
{
    /// <summary>A few bytes.</summary>
    public const string SmallPath = "/small";

    /// <summary>A body of 1 MiB.</summary>
    public const string LargePath = "/large";

    public static async Task<PeerProcess> StartAsync(BenchSetup setup, CancellationToken cancellation)
    {
        setup.Write("large", new string('x', 1 << 20));
        var file = setup.Write("backend.conf", $$"""
            daemon off;
            user {{Environment.UserName}};
            worker_processes {{BenchSetup.Workers}};
            pid {{setup.Folder}}/backend.pid;
            error_log stderr crit;
            events { worker_connections 20000; }
            http {
                access_log off;
                keepalive_timeout 1h;
                keepalive_requests 1000000;
                sendfile on;
                tcp_nodelay on;
                open_file_cache max=10;
                server {
                    listen 127.0.0.1:{{setup.BackendPort}} backlog=4096;
                    root {{setup.Folder}};
                    location = {{SmallPath}} { return 200 "small\n"; }
                    location = {{LargePath}} { }
                    location / { return 404; }
                }
            }

            """);
        var process = PeerProcess.Start(setup, "/usr/sbin/nginx", "-c", file, "-p", setup.Folder);
        try
        {
            await process.AcceptsAsync(setup.BackendPort, cancellation);
            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }
}
