using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>A program that is no pool, and speaks with a node all the same; well or badly.</summary>
internal sealed class ForeignPeer : IAsyncDisposable
{
    internal const int Port = 4253;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SslStream _stream;

    private ForeignPeer(SslStream stream) => _stream = stream;

    /// <summary>Connects and does its handshake.</summary>
    /// <exception cref="AuthenticationException">There is none to be had.</exception>
    /// <exception cref="IOException">The node has closed.</exception>
    internal static Task<ForeignPeer> ConnectAsync(
        string host, X509Certificate2? certificate, string? from = null, SslProtocols protocol = SslProtocols.Tls13, bool isOfPool = true) =>
        ConnectAsync(Open(host, from), certificate, protocol, isOfPool);

    /// <summary>Does the handshake on a connection.</summary>
    internal static async Task<ForeignPeer> ConnectAsync(
        Socket socket, X509Certificate2? certificate, SslProtocols protocol = SslProtocols.Tls13, bool isOfPool = true)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = "node",
                EnabledSslProtocols = protocol,
                ApplicationProtocols = isOfPool ? [new SslApplicationProtocol("tlspool-cluster")] : null,
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            };
            await stream.AuthenticateAsClientAsync(options, limit.Token);
            return new ForeignPeer(stream);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client may think that all is well until the node has looked at its certificate, and closes.</summary>
    internal static async Task TryAsync(Socket socket, X509Certificate2? certificate, SslProtocols protocol, bool isOfPool)
    {
        try
        {
            await using ForeignPeer peer = await ConnectAsync(socket, certificate, protocol, isOfPool);
            Assert.That(await peer.ReceiveAsync(), Is.Null, "the node has an answer for it");
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            // At once, then.
        }
    }

    /// <summary>Waits for the end of a connection that has no TLS.</summary>
    internal static async Task EndsAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(Patience);
        byte[] buffer = new byte[256];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // That is an end too.
        }
    }

    /// <summary>Takes one connection of a node, and does its handshake as the member whose certificate it is.</summary>
    internal static async Task<ForeignPeer> AcceptAsync(Socket listener, X509Certificate2 certificate)
    {
        using var limit = new CancellationTokenSource(Patience);
        Socket socket = await listener.AcceptAsync(limit.Token);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = [new SslApplicationProtocol("tlspool-cluster")],
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        await stream.AuthenticateAsServerAsync(options, limit.Token);
        return new ForeignPeer(stream);
    }

    /// <summary>A connection with nothing on it.</summary>
    /// <param name="host">The node.</param>
    /// <param name="from">Address to come from; all of 127.0.0.0/8 are this host's.</param>
    internal static Socket Open(string host, string? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        socket.Connect(host, Port);
        return socket;
    }

    /// <summary>Sends a frame, with its length.</summary>
    internal async Task SendAsync(byte[] frame)
    {
        byte[] bytes = new byte[sizeof(int) + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, frame.Length);
        frame.CopyTo(bytes, sizeof(int));
        await SendRawAsync(bytes);
    }

    internal async Task SendRawAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    /// <summary>Waits for a frame.</summary>
    /// <returns>Null at the end of the connection.</returns>
    internal async Task<byte[]?> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            byte[] header = new byte[sizeof(int)];
            await _stream.ReadExactlyAsync(header, limit.Token);
            byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
            await _stream.ReadExactlyAsync(frame, limit.Token);
            return frame;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Waits for the end of the connection.</summary>
    /// <returns>The last frame before it; null if there was none.</returns>
    internal async Task<byte[]?> EndsAsync()
    {
        byte[]? last = null;
        while (await ReceiveAsync() is { } frame)
            last = frame;
        return last;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
