using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TlsPool.Cli.Demo;

/// <summary>An HTTP server that knows one page and nothing of TLS.</summary>
internal sealed class DemoServer : IDisposable
{
    private const int MaxRequest = 16 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    internal DemoServer()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    internal string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>The page.</summary>
    internal static string Page => "This page left its server in the clear and crossed the network under TLS 1.3.\n";

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync().ConfigureAwait(false));
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task AnswerAsync(TcpClient accepted)
    {
        using TcpClient client = accepted;
        NetworkStream stream = client.GetStream();
        byte[] request = new byte[MaxRequest];
        int length = 0;
        try
        {
            while (request.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
            {
                int got = await stream.ReadAsync(request.AsMemory(length)).ConfigureAwait(false);
                if (got == 0)
                    return;
                length += got;
            }
            string answer = $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {Page.Length}\r\nConnection: close\r\n\r\n{Page}";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer)).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The client left: nothing to tell it.
            return;
        }
    }
}
