using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TlsPool.Tests.Processes;

/// <summary>A server without TLS: what a test says it does with each connection.</summary>
internal sealed class Backend : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    internal Backend(Func<NetworkStream, Task> serve)
    {
        _listener.Start(512);
        _ = AcceptAsync(serve);
    }

    /// <summary>Sends back what it gets, and ends when its client does.</summary>
    internal static Backend Echo() => new(async stream =>
    {
        byte[] buffer = new byte[65536];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
            await stream.WriteAsync(buffer.AsMemory(0, count));
        stream.Socket.Shutdown(SocketShutdown.Send);
    });

    /// <summary>Answers HTTP requests with a page.</summary>
    internal static Backend Http(string page) => new(async stream =>
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
        }
        string answer = string.Create(
            CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n{page}");
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer));
    });

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    internal string Address => _listener.LocalEndpoint.ToString()!;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync(Func<NetworkStream, Task> serve)
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(), serve);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task ServeAsync(TcpClient client, Func<NetworkStream, Task> serve)
    {
        using TcpClient accepted = client;
        try
        {
            await serve(accepted.GetStream());
        }
        catch (IOException)
        {
            // The other side left, as tests have it do.
            return;
        }
    }
}
