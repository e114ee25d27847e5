using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using TlsPool.Actors.Connections;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Http.Connections;

/// <summary>What each connection of HTTP passes first: it is found out whose it is, and whether there is a place for it.</summary>
internal sealed class ConnectionDoor
{
    private readonly ConnectionPlaces _places = new();
    private readonly ConcurrentDictionary<ConnectionContext, bool> _sessions = new();
    private volatile bool _isClosing;

    /// <summary>For connections to the UNIX socket.</summary>
    internal ConnectionDelegate ForProcesses(ConnectionDelegate next) => connection =>
    {
        Socket socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        connection.Features.Set(new HttpCaller(ProcessExecutable.Name(PeerCredentials.OfPeer((int)socket.Handle)), ""));
        return EnterAsync(connection, next);
    };

    /// <summary>For connections over TLS.</summary>
    internal ConnectionDelegate ForSessions(ConnectionDelegate next) => async connection =>
    {
        _sessions[connection] = true;
        try
        {
            if (!_isClosing)
                await EnterAsync(connection, next).ConfigureAwait(false);
        }
        finally
        {
            _sessions.TryRemove(connection, out _);
        }
    };

    /// <summary>Asks connections over TLS to end once they have nothing under way: they are sessions of the pool, whose end waits for them.</summary>
    internal void CloseSessions()
    {
        _isClosing = true;
        foreach (ConnectionContext connection in _sessions.Keys)
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    private async Task EnterAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        HttpCaller caller = connection.Features.GetRequiredFeature<HttpCaller>();
        try
        {
            if (_places.TryTake(caller))
                await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _places.Leave(caller);
        }
    }
}
