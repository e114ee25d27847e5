using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Http.Connections;

/// <summary>Brings the server connections whose TLS is done by the pool: it sees the plaintext side of a session.</summary>
/// <param name="loggers">Logs of the server.</param>
internal sealed class PoolTlsTransport(ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly SocketConnectionContextFactory _sockets = new(new SocketConnectionFactoryOptions(), loggers.CreateLogger<PoolTlsTransport>());

    public bool CanBind(EndPoint endpoint) => endpoint is PoolTlsEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener((PoolTlsEndPoint)endpoint, _sockets));

    public void Dispose() => _sockets.Dispose();

    private sealed class Listener : IConnectionListener
    {
        private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();
        private readonly CancellationTokenSource _stop;
        private readonly SocketConnectionContextFactory _sockets;
        private readonly Task _running;

        internal Listener(PoolTlsEndPoint endpoint, SocketConnectionContextFactory sockets)
        {
            (EndPoint, _sockets) = (endpoint, sockets);
            _stop = CancellationTokenSource.CreateLinkedTokenSource(endpoint.Ending);
            _running = endpoint.IsAwaited
                ? endpoint.Listener.RunAsync(WelcomeAsync, _stop.Token)
                : endpoint.Listener.AcceptAsync(endpoint.Listener.Listen(), WelcomeAsync, _stop.Token);
        }

        public EndPoint EndPoint { get; }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && _accepted.Reader.TryRead(out ConnectionContext? connection) ? connection : null;

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            _accepted.Writer.TryComplete();
        }

        public async ValueTask DisposeAsync()
        {
            while (_accepted.Reader.TryRead(out ConnectionContext? connection))
                await connection.DisposeAsync().ConfigureAwait(false);
            _stop.Dispose();
        }

        private async Task WelcomeAsync(Protocol.Client.TlsSession session)
        {
            ConnectionContext connection = _sockets.Create(session.Socket);
            connection.Features.Set(new HttpCaller(null, session.RemoteId));
            if (!_accepted.Writer.TryWrite(connection))
                await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
