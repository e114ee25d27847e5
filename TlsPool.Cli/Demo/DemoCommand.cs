using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using TlsPool.Protocol.Client;

namespace TlsPool.Cli.Demo;

/// <summary><c>tlspool demo</c>: a page goes through a pool and two tunnels.</summary>
internal static class DemoCommand
{
    private const string Identity = "demo.example";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private static readonly Option<bool> Once = new("--once") { Description = "end when the page has been fetched, also on a terminal" };
    private static readonly Option<bool> Wait = new("--wait") { Description = "wait for Ctrl-C when the page has been fetched, also without a terminal" };

    internal static Command Create() =>
        new Command("demo", "start a pool of its own, fetch a page through two tunnels, wait on a terminal for Enter, and clean up") { Once, Wait }
            .Does((result, _) => RunAsync(result));

    private static async Task<int> RunAsync(ParseResult result)
    {
        (bool once, bool wait) = (result.GetValue(Once), result.GetValue(Wait));
        if (once && wait)
            throw new CommandException("--once and --wait contradict each other");
        using var termination = new Termination();
        DirectoryInfo directory = Directory.CreateTempSubdirectory("tlspool-demo-");
        try
        {
            DemoEnd end = wait ? DemoEnd.OnSignal : once || Console.IsInputRedirected ? DemoEnd.AtOnce : DemoEnd.OnEnter;
            await ShowAsync(directory.FullName, end, termination.Token).ConfigureAwait(false);
            return 0;
        }
        catch (Exception ended) when (ended is OperationCanceledException or CommandException && termination.Token.IsCancellationRequested)
        {
            // Ctrl-C reaches the tunnels too: that they have ended is no failure then.
            return 0;
        }
        finally
        {
            directory.Delete(recursive: true);
            Console.WriteLine($"{directory.FullName} is gone again.");
        }
    }

    private static async Task ShowAsync(string directory, DemoEnd end, CancellationToken cancellation)
    {
        string configuration = Path.Combine(directory, "tlspool.conf");
        string socket = Path.Combine(directory, "tlspool.sock");
        await File.WriteAllTextAsync(
            configuration,
            $"socket_name {socket}\ndbenv_dir {directory}/db\ndaemon_pidfile {directory}/tlspool.pid\nlog_level INFO\n",
            cancellation).ConfigureAwait(false);

        Step($"A pool starts, with its database and socket in {directory}");
        DemoProcess pool = DemoProcess.Start(configuration, "--foreground");
        await using var poolEnd = pool.ConfigureAwait(false);
        await WaitForPoolAsync(pool, socket, cancellation).ConfigureAwait(false);

        Step($"It gets an identity and trusts it");
        Show($"tlspool identity generate {Identity} --role server");
        Show(await DemoProcess.RunAsync(configuration, ["identity", "generate", Identity, "--role", "server"], cancellation).ConfigureAwait(false));
        string certificate = Path.Combine(directory, Identity + ".pem");
        await File.WriteAllTextAsync(
            certificate,
            await DemoProcess.RunAsync(configuration, ["identity", "show", Identity, "--pem"], cancellation).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        await DemoProcess.RunAsync(configuration, ["trust", "add", certificate], cancellation).ConfigureAwait(false);

        using var server = new DemoServer();
        Step($"A server without TLS listens on {server.Address}; a tunnel goes before it, and a client's tunnel before that");
        string[] serverArguments = ["tunnel", "--server", "--listen", "127.0.0.1:0", "--connect", server.Address, "--local-id", Identity, "--json"];
        DemoProcess serverTunnel = DemoProcess.Start(configuration, serverArguments);
        await using var serverEnd = serverTunnel.ConfigureAwait(false);
        string tlsAddress = await ListeningAsync(serverTunnel, cancellation).ConfigureAwait(false);
        string[] clientArguments = ["tunnel", "--client", "--listen", "127.0.0.1:0", "--connect", tlsAddress, "--remote-id", Identity, "--json"];
        DemoProcess clientTunnel = DemoProcess.Start(configuration, clientArguments);
        await using var clientEnd = clientTunnel.ConfigureAwait(false);
        string plainAddress = await ListeningAsync(clientTunnel, cancellation).ConfigureAwait(false);
        Show($"tlspool {string.Join(' ', serverArguments)}");
        Show($"tlspool {string.Join(' ', clientArguments)}");

        Step($"curl http://{plainAddress}/");
        using var http = new HttpClient();
        string page = await http.GetStringAsync(new Uri($"http://{plainAddress}/"), cancellation).ConfigureAwait(false);
        Show(page);
        if (page != DemoServer.Page)
            throw new CommandException("the page is not the one that the server has");
        Show("server tunnel: " + await EstablishedAsync(serverTunnel, cancellation).ConfigureAwait(false));
        Show("client tunnel: " + await EstablishedAsync(clientTunnel, cancellation).ConfigureAwait(false));

        if (end == DemoEnd.AtOnce)
        {
            Step("The key never left the pool. Run 'tlspool demo' on a terminal, or with --wait, to ask the server yourself.");
            return;
        }
        Step("The key never left the pool. Ask the server yourself, from another terminal:");
        Show($"printf 'GET / HTTP/1.1\\r\\nHost: {Identity}\\r\\n\\r\\n' | openssl s_client -connect {tlsAddress} -servername {Identity} -CAfile {certificate} -verify_return_error -ign_eof");
        Step(end == DemoEnd.OnEnter ? "Press Enter to end." : "Press Ctrl-C to end.");
        Task telling = Task.WhenAll(TellAsync("server tunnel: ", serverTunnel, cancellation), TellAsync("client tunnel: ", clientTunnel, cancellation));
        // Reading a terminal cannot be cancelled.
        await (end == DemoEnd.OnEnter ? Task.Run(Console.ReadLine, cancellation).WaitAsync(cancellation) : telling).ConfigureAwait(false);
    }

    private static async Task WaitForPoolAsync(DemoProcess pool, string socket, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(StartTime);
        while (!File.Exists(socket))
        {
            pool.CheckAlive("pool");
            await Task.Delay(50, limit.Token).ConfigureAwait(false);
        }
        var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = socket });
        await using (client.ConfigureAwait(false))
            await client.PingAsync(cancellation: limit.Token).ConfigureAwait(false);
    }

    private static async Task<string> ListeningAsync(DemoProcess tunnel, CancellationToken cancellation)
    {
        using JsonDocument line = JsonDocument.Parse(await tunnel.ReadLineAsync("tunnel", cancellation).ConfigureAwait(false));
        return line.RootElement.GetProperty("listen").GetString()!;
    }

    /// <summary>Shows what the user brings about.</summary>
    private static async Task TellAsync(string start, DemoProcess tunnel, CancellationToken cancellation)
    {
        while (true)
            Show(start + await tunnel.ReadLineAsync("tunnel", cancellation).ConfigureAwait(false));
    }

    private static async Task<string> EstablishedAsync(DemoProcess tunnel, CancellationToken cancellation)
    {
        using JsonDocument line = JsonDocument.Parse(await tunnel.ReadLineAsync("tunnel", cancellation).ConfigureAwait(false));
        JsonElement session = line.RootElement;
        if (session.GetProperty("event").GetString() != "established")
            throw new CommandException($"the tunnel reports: {session}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{session.GetProperty("tls").GetString()}, local '{session.GetProperty("localId").GetString()}', remote '{session.GetProperty("remoteId").GetString()}'");
    }

    private static void Step(string text) => Console.WriteLine($"\n* {text}");

    private static void Show(string text) => Console.WriteLine("    " + text.TrimEnd().ReplaceLineEndings("\n    "));
}
