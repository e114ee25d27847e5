using System.Net.Sockets;
using System.Threading.Channels;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Protocol.Client;

/// <summary>The pool's end of a real UNIX socket; a test decides what it answers.</summary>
internal sealed class ScriptedPool : IFrameReceiver, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly Channel<FrameConnection> _accepted = Channel.CreateUnbounded<FrameConnection>();
    private readonly Channel<TransportEnd> _ended = Channel.CreateUnbounded<TransportEnd>();
    private readonly EventLoop _loop = new("scripted-pool");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _accepting;

    internal ScriptedPool(string? path = null)
    {
        Path = path ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"pool-{Guid.NewGuid():n}.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(64);
        _accepting = AcceptAsync();
    }

    internal string Path { get; }

    /// <summary>Answers everything by itself if set.</summary>
    internal Action<Received>? Automatic { get; set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        while (_accepted.Reader.TryRead(out FrameConnection? connection))
            connection.Close();
        _loop.Dispose();
        while (_received.Reader.TryRead(out Received? received))
            received.Descriptor?.Dispose();
        File.Delete(Path);
    }

    internal async Task<Received> NextAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    internal async Task<Received> NextAsync(Command command)
    {
        Received received = await NextAsync();
        return received.Frame.Command == command
            ? received
            : throw new InvalidDataException($"{command} was expected, not {received.Frame}");
    }

    internal async Task<FrameConnection> AcceptedAsync() => await _accepted.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    internal async Task<TransportEnd> EndedAsync() => await _ended.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    void IFrameReceiver.OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame, SafeDescriptor? descriptor, bool surplus)
    {
        FrameDecoding decoding = FrameCodec.Decode(frame);
        var received = new Received(connection, decoding.Frame ?? throw new InvalidDataException(decoding.Reason), descriptor);
        if (Automatic is { } automatic)
            automatic(received);
        else
            _received.Writer.TryWrite(received);
    }

    void IFrameReceiver.OnClosed(FrameConnection connection, TransportEnd reason)
    {
        connection.Close();
        _ended.Writer.TryWrite(reason);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync();
                _accepted.Writer.TryWrite(FrameConnection.Start(_loop, Ciphertext.Take(socket), this));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            _accepted.Writer.TryComplete();
        }
    }

    /// <summary>A frame as it came.</summary>
    internal sealed record Received(FrameConnection Connection, Frame Frame, SafeDescriptor? Descriptor)
    {
        internal StartTlsMessage StartTls => (StartTlsMessage)Frame.Body;

        internal void Respond(Command command, Message body) => Send(new Frame(Frame.RequestId, 0, command, body));

        internal void Fail(PoolError error) => Respond(Command.Error, new ErrorMessage(error, PoolErrorText.Describe(error)));

        internal void Callback(ushort id, Command command, Message body) => Send(new Frame(Frame.RequestId, id, command, body));

        private void Send(Frame frame)
        {
            byte[] bytes = new byte[Frame.Size];
            FrameCodec.Encode(frame, bytes);
            Connection.Send(bytes);
        }
    }
}
