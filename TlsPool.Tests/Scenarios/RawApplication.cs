using System.Net;
using System.Net.Sockets;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Interop;

namespace TlsPool.Tests.Scenarios;

/// <summary>An application that speaks the socket protocol by hand, correctly or not. Blocking, with a deadline on every read.</summary>
internal sealed class RawApplication : IDisposable
{
    private readonly Socket _socket;

    internal RawApplication(string path)
    {
        _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000, SendTimeout = 20_000 };
        _socket.Connect(new UnixDomainSocketEndPoint(path));
    }

    internal Socket Socket => _socket;

    /// <summary>Plaintext sides of this application's sessions, and what else goes with it.</summary>
    internal List<Socket> Kept { get; } = [];

    internal static byte[] Bytes(ushort requestId, ushort callbackId, Command command, Message body)
    {
        byte[] bytes = new byte[Frame.Size];
        FrameCodec.Encode(new Frame(requestId, callbackId, command, body), bytes);
        return bytes;
    }

    internal static StartTlsMessage StartTls(
        StartTlsFlags flags, string localId = "", string remoteId = "", string service = "", ControlKey key = default, uint timeout = 0) =>
        new(flags, 0, 6, 0, localId, remoteId, key, service, timeout);

    internal void Send(ushort requestId, ushort callbackId, Command command, Message body, params ReadOnlySpan<int> descriptors) =>
        SendDescriptors.Send(_socket, Bytes(requestId, callbackId, command, body), descriptors);

    internal void SendBytes(ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> descriptors) => SendDescriptors.Send(_socket, bytes, descriptors);

    /// <summary>The next frame; throws on the end of the stream or after 20 s.</summary>
    internal Frame Receive()
    {
        byte[] bytes = new byte[Frame.Size];
        for (int have = 0; have < bytes.Length;)
        {
            int got = _socket.Receive(bytes, have, bytes.Length - have, SocketFlags.None);
            if (got == 0)
                throw new EndOfStreamException("the pool closed the connection");
            have += got;
        }
        return FrameCodec.Decode(bytes).Frame ?? throw new InvalidDataException("the pool sent a frame that does not decode");
    }

    /// <summary>The error code of the next frame, which has to be a final ERROR of this request.</summary>
    internal PoolError ReceiveError(ushort requestId)
    {
        Frame frame = Receive();
        return frame is { CallbackId: 0, Command: Command.Error, Body: ErrorMessage error } && frame.RequestId == requestId
            ? error.Code
            : throw new InvalidDataException($"expected an error of request {requestId}, got {frame}");
    }

    /// <summary>True if the pool answers a PING on this connection.</summary>
    internal bool Ping()
    {
        Send(0x7777, 0, Command.Ping, new PingMessage(PingMessage.IdentityV2, Facilities.StartTls));
        Frame frame = Receive();
        return frame is { RequestId: 0x7777, Command: Command.Ping, Body: PingMessage { Facilities: Facilities.StartTls } };
    }

    /// <summary>True once the pool has closed this connection.</summary>
    internal bool IsClosedByPool()
    {
        try
        {
            return _socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        Kept.ForEach(socket => socket.Dispose());
    }

    /// <summary>A connected pair of TCP sockets on the loopback interface.</summary>
    internal static (Socket Ours, Socket Pools) TcpPair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var ours = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = 20_000,
            SendTimeout = 20_000,
        };
        ours.Connect(listener.LocalEndPoint!);
        return (ours, listener.Accept());
    }
}
