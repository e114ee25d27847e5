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

    /// <summary>Peers that have not shown who they are, at one time.</summary>
    private const int MaxStrangers = 64;

    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(5);
    private static readonly SslApplicationProtocol Protocol = new("tlspool-cluster");

    private readonly ClusterConfiguration _configuration;
    private readonly NodeCertificates _certificates;
    private readonly StrangerLog _log;
    private readonly Address _address;
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _strangers = new(MaxStrangers);
    private Socket? _listener;

    /// <summary>Made by Akka, of a system with a <see cref="TlsTransportSetup"/>.</summary>
    public TlsTransport(ActorSystem system, Config config)
    {
        (System, Config, SchemeIdentifier, MaximumPayloadBytes) = (system, config, Scheme, MaxFrame);
        TlsTransportSetup setup = TlsTransportSetup.Of(system);
        (_configuration, _certificates, _log) = (setup.Configuration, setup.Certificates, new StrangerLog(setup.Log, TimeProvider.System));
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
            listener.Listen(MaxStrangers);
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
            await socket.ConnectAsync(member.Host, member.Port, limit.Token).ConfigureAwait(false);
            return await ClientAsync(socket, member, limit.Token).ConfigureAwait(false);
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
                if (!await _strangers.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
                {
                    _log.Refused(socket, "too many peers have not shown who they are");
                    socket.Dispose();
                    continue;
                }
                _ = WelcomeAsync(socket, associations);
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

    private async Task WelcomeAsync(Socket socket, IAssociationEventListener associations)
    {
        try
        {
            socket.NoDelay = true;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            limit.CancelAfter(HandshakeTime);
            TlsAssociation association = await ServerAsync(socket, limit.Token).ConfigureAwait(false);
            associations.Notify(new InboundAssociation(association));
        }
        catch (Exception failure) when (IsOfPeers(failure))
        {
            _log.Refused(socket, ReasonOf(failure));
            socket.Dispose();
        }
        finally
        {
            _strangers.Release();
        }
    }

    private async Task<TlsAssociation> ServerAsync(Socket socket, CancellationToken limit)
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
        await peer.AwaitAsync(stream.AuthenticateAsServerAsync(options, limit)).ConfigureAwait(false);
        return Association(stream, socket, peer);
    }

    private async Task<TlsAssociation> ClientAsync(Socket socket, ClusterAddress member, CancellationToken limit)
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
        await peer.AwaitAsync(stream.AuthenticateAsClientAsync(options, limit)).ConfigureAwait(false);
        return Association(stream, socket, peer);
    }

    private TlsAssociation Association(SslStream stream, Socket socket, PeerCheck peer)
    {
        if (peer.Member is not { } member || stream.NegotiatedApplicationProtocol != Protocol)
            throw new AuthenticationException("it speaks another protocol");
        return new TlsAssociation(_address, AddressOf(member), stream, socket, new FrameInspector(System.Name, member.Host, member.Port), _log);
    }

    private Address AddressOf(ClusterAddress member) => new(Scheme, System.Name, member.Host, member.Port);

    private static bool IsOfPeers(Exception failure) =>
        failure is SocketException or IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    private static string ReasonOf(Exception failure) => failure switch
    {
        OperationCanceledException => "it did not show who it is in time",
        { InnerException: { } inner } => $"{failure.Message} {inner.Message}",
        _ => failure.Message,
    };
}
