using System.Net.Sockets;

namespace TlsPool.Tests.Processes;

/// <summary>A UNIX socket before another one: what passes is late, and there is little of it in a second.</summary>
internal sealed class SlowLink : IAsyncDisposable
{
    private const int Piece = 256;

    private readonly Socket _listener;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _serving;

    /// <summary>Makes one.</summary>
    /// <param name="path">Its own name.</param>
    /// <param name="target">Name of the socket behind it.</param>
    /// <param name="bytesPerSecond">How much passes in each direction.</param>
    /// <param name="delay">How late it is.</param>
    internal SlowLink(string path, string target, int bytesPerSecond, TimeSpan delay)
    {
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        TimeSpan perPiece = TimeSpan.FromSeconds((double)Piece / bytesPerSecond);
        _serving = ServeAsync(new UnixDomainSocketEndPoint(target), perPiece, delay);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task ServeAsync(UnixDomainSocketEndPoint target, TimeSpan perPiece, TimeSpan delay)
    {
        while (true)
            _ = RelayAsync(await _listener.AcceptAsync(_ended.Token), target, perPiece, delay);
    }

    private async Task RelayAsync(Socket near, UnixDomainSocketEndPoint target, TimeSpan perPiece, TimeSpan delay)
    {
        using (near)
        using (var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await far.ConnectAsync(target, _ended.Token);
            await Task.WhenAny(PumpAsync(near, far, perPiece, delay), PumpAsync(far, near, perPiece, delay));
        }
    }

    private async Task PumpAsync(Socket from, Socket to, TimeSpan perPiece, TimeSpan delay)
    {
        byte[] piece = new byte[Piece];
        for (int length; (length = await from.ReceiveAsync(piece, _ended.Token)) > 0;)
        {
            // What came without a pause before it is on its way already.
            await Task.Delay(from.Available > 0 ? perPiece : perPiece + delay, _ended.Token);
            await to.SendAsync(piece.AsMemory(0, length), _ended.Token);
        }
    }
}
