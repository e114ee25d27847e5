using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>
/// Carries Akka's remoting over TLS 1.3 with certificates on both sides. A peer is nobody before its certificate has shown which member it is,
/// and that member only afterwards (<see cref="FrameInspector"/>). Strangers cost a bounded number of sockets for a bounded time.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Akka ends a transport with Shutdown, and connections may outlive that for a moment.")]
public sealed class TlsTransport : Akka.Remote.Transport.Transport
{
    /// <summary>Scheme of addresses, behind <c>akka.</c>.</summary>
    internal const string Scheme = "tls";

    /// <summary>Bytes of the largest frame.</summary>
    internal const int MaxFrame = 512 * 1024;

    /// <summary>Connections that the kernel keeps until they are accepted.</summary>
    private const int Backlog = 256;

    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(5);
    private static readonly SslApplicationProtocol Protocol = new("tlspool-cluster");

    private readonly ClusterConfiguration _configuration;
    private readonly NodeCertificates _certificates;
    private readonly StrangerLog _log;
    private readonly Address _address;
    private readonly CancellationTokenSource _end = new();
    private readonly StrangerPlaces _places;
    private Socket? _listener;

    /// <summary>Made by Akka, of a system with a <see cref="TlsTransportSetup"/>.</summary>
    public TlsTransport(ActorSystem system, Config config)
    {
        (System, Config, SchemeIdentifier, MaximumPayloadBytes) = (system, config, Scheme, MaxFrame);
        TlsTransportSetup setup = TlsTransportSetup.Of(system);
        (_configuration, _certificates, _log) = (setup.Configuration, setup.Certificates, new StrangerLog(setup.Log, TimeProvider.System));
        _places = new StrangerPlaces(_configuration.Members);
        _address = AddressOf(_configuration.Address);
    }

    /// <inheritdoc/>
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        ClusterAddress own = _configuration.Address;
        IPAddress address = _configuration.Bind.Length > 0 ? IPAddress.Parse(_configuration.Bind) : own.Ip ?? IPAddress.IPv6Any;
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(new IPEndPoint(address, own.Port));
            listener.Listen(Backlog);
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new TlsPool.Actors.Configuration.ConfigurationException($"cluster_address {own}: cannot listen at {address}: {failure.Message}; see cluster_bind");
        }
        _listener = listener;
        var ready = new TaskCompletionSource<IAssociationEventListener>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = AcceptAsync(listener, ready.Task);
        return Task.FromResult((_address, ready));
    }

    /// <inheritdoc/>
    public override bool IsResponsibleFor(Address remote) => true;

    /// <inheritdoc/>
    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        ClusterAddress member = _configuration.Members.FirstOrDefault(member => member.Host == remoteAddress.Host && member.Port == remoteAddress.Port)
            ?? throw new InvalidAssociationException($"{remoteAddress} is no member: see cluster_members");
        Socket? socket = null;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            limit.CancelAfter(HandshakeTime);
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            // Others know a node that is named by its address before it has shown who it is, if it speaks from there.
            if (_configuration.Bind.Length == 0 && _configuration.Address.Ip is { } own && own.AddressFamily == member.Ip?.AddressFamily)
                socket.Bind(new IPEndPoint(own, 0));
            await socket.ConnectAsync(member.Host, member.Port, limit.Token).ConfigureAwait(false);
            StreamAssociation association = await ClientAsync(socket, member, limit.Token).ConfigureAwait(false);
            if (PeerOf(socket) is { } peer)
                _places.Know(member, peer.Address);
            return association;
        }
        catch (Exception failure) when (IsOfPeers(failure))
        {
            socket?.Dispose();
            throw new InvalidAssociationException($"{member}: {ReasonOf(failure)}", failure);
        }
    }

    /// <inheritdoc/>
    public override Task<bool> Shutdown()
    {
        _end.Cancel();
        _listener?.Dispose();
        return Task.FromResult(true);
    }

    private async Task AcceptAsync(Socket listener, Task<IAssociationEventListener> ready)
    {
        IAssociationEventListener associations = await ready.ConfigureAwait(false);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                Socket socket = await listener.AcceptAsync(_end.Token).ConfigureAwait(false);
                if (PeerOf(socket) is not { } peer)
                {
                    socket.Dispose();
                }
                else if (_places.TryEnter(peer.Address))
                {
                    _ = WelcomeAsync(socket, peer, associations);
                }
                else
                {
                    _log.Refused(peer, "too many peers have not shown who they are");
                    socket.Dispose();
                }
            }
            catch (Exception failure) when (failure is SocketException)
            {
                // Descriptors may be short for a while.
                _log.Failed(failure);
                await Task.Delay(100).ConfigureAwait(false);
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task WelcomeAsync(Socket socket, IPEndPoint peer, IAssociationEventListener associations)
    {
        try
        {
            socket.NoDelay = true;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            limit.CancelAfter(HandshakeTime);
            StreamAssociation association = await ServerAsync(socket, peer, limit.Token).ConfigureAwait(false);
            associations.Notify(new InboundAssociation(association));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Whatever a stranger's bytes lead to ends its own connection, and gives back what it held.
            _log.Refused(peer, ReasonOf(failure));
            socket.Dispose();
        }
        finally
        {
            _places.Leave(peer.Address);
        }
    }

    private async Task<StreamAssociation> ServerAsync(Socket socket, IPEndPoint from, CancellationToken limit)
    {
        var peer = new PeerCheck(_certificates, isServer: false, expected: null);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificates.Current.Context,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = [Protocol],
            AllowRenegotiation = false,
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = peer.Check,
        };
        StreamAssociation association = await AssociationAsync(stream, socket, peer, stream.AuthenticateAsServerAsync(options, limit)).ConfigureAwait(false);
        _places.Know(peer.Member!, from.Address);
        return association;
    }

    private async Task<StreamAssociation> ClientAsync(Socket socket, ClusterAddress member, CancellationToken limit)
    {
        var peer = new PeerCheck(_certificates, isServer: true, member);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = member.Host,
            ClientCertificateContext = _certificates.Current.Context,
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = [Protocol],
            AllowRenegotiation = false,
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = peer.Check,
        };
        return await AssociationAsync(stream, socket, peer, stream.AuthenticateAsClientAsync(options, limit)).ConfigureAwait(false);
    }

    private async Task<StreamAssociation> AssociationAsync(SslStream stream, Socket socket, PeerCheck peer, Task handshake)
    {
        try
        {
            await peer.AwaitAsync(handshake).ConfigureAwait(false);
            if (peer.Member is not { } member || stream.NegotiatedApplicationProtocol != Protocol)
                throw new AuthenticationException("it speaks another protocol");
            Address remote = AddressOf(member);
            // A host that vanished without a word is noticed by Akka's heartbeats; this is for what is left over.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            return new StreamAssociation(_address, remote, stream, new FrameInspector(remote, _address), _log);
        }
        catch
        {
            // What TLS has for it outside of the heap is given back at once, and not when the collector comes to it.
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Address AddressOf(ClusterAddress member) => new(Scheme, System.Name, member.Host, member.Port);

    private static IPEndPoint? PeerOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint as IPEndPoint;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static bool IsOfPeers(Exception failure) =>
        failure is SocketException or IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    private static string ReasonOf(Exception failure) => failure switch
    {
        OperationCanceledException => "it did not show who it is in time",
        { InnerException: { } inner } => $"{failure.Message} {inner.Message}",
        _ => failure.Message,
    };
}
