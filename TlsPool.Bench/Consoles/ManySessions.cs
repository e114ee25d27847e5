using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Remoting;
using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Bench.Consoles;

/// <summary>
/// A node's management at a real UNIX socket, with more sessions than one machine has descriptors for: they are in the table of sessions as
/// those of applications are, and have no sockets.
/// </summary>
internal sealed class ManySessions : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ManagementDoor _door;

    private ManySessions(ManagementDoor door, string path)
    {
        _door = door;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
    }

    public static ManySessions Serve(string path, int count)
    {
        var sessions = new SessionTable();
        for (int i = 1; i <= count; i++)
            sessions.Add(Entry(i, count));
        var services = new ManagementServices
        {
            Node = "bench",
            Sessions = sessions,
            Pool = ActorRefs.Nobody,
            Tokens = ActorRefs.Nobody,
            Entries = new(),
            Policy = null,
            Audit = new Silence(),
            Log = new LogBook(),
            LogRules = new LogRules(),
            Cluster = null,
            Drain = () => { },
        };
        var node = new ManySessions(new ManagementDoor(new ManagementDesk(services, peers: null, NullLogger.Instance), NullLogger.Instance), path);
        _ = node.AcceptAsync();
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _door.DisposeAsync();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Socket accepted = await _listener.AcceptAsync();
                _ = _door.WelcomeAsync(new Principal("uid 0", ManagementRole.Admin), new NetworkStream(accepted, ownsSocket: true));
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static SessionEntry Entry(int number, int count)
    {
        var message = new StartTlsMessage(
            StartTlsFlags.LocalRoleServer, 0, 6, 0, $"www{number % 1000}.example.com", $"user{number}@example.org", default, "http", StartTlsMessage.TimeoutDefault);
        var application = new PeerCredentials(number % 4000, (uint)(number % 50), 0);
        var request = new SessionRequest(1, application, TlsRole.Server, PeerAuthentication.Ignore, message);
        var peer = new IPEndPoint(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 40000);
        return new SessionEntry(ActorRefs.Nobody, default, number, request, peer, DateTimeOffset.UtcNow.AddSeconds(number - count)) { Holder = ActorRefs.Nobody };
    }

    private sealed class Silence : IAuditTrail
    {
        public void Record(AuditEvent decision)
        {
        }
    }
}
