using System.Net.Sockets;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Model;

/// <summary>Both ends of a session that the pool runs or tries to.</summary>
internal sealed class ModelledSession(ControlKey key, Task<TlsSession> asked, Task<TlsSession> served) : IAsyncDisposable
{
    internal ControlKey Key { get; } = key;

    /// <summary>The end that the model is about.</summary>
    internal Task<TlsSession> Asked { get; } = asked;

    /// <summary>The end beyond the network.</summary>
    internal Task<TlsSession> Served { get; } = served;

    /// <summary>The plaintext sockets of an established session.</summary>
    internal async Task<(Socket Asked, Socket Served)> SocketsAsync() => ((await Asked).Socket, (await Served).Socket);

    /// <summary>Closes what there is; waits for neither end to come about.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Task<TlsSession> end in (Task<TlsSession>[])[Asked, Served])
            (await end.ContinueWith(ended => ended.IsCompletedSuccessfully ? ended.Result : null, TaskScheduler.Default))?.Dispose();
    }
}
