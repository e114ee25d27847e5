using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>A connection that carries Akka's remoting. Frames have a length of four bytes before them.</summary>
internal sealed class StreamAssociation : AssociationHandle, IDisposable
{
    private const int Header = sizeof(int);

    /// <summary>Bytes that may wait for a peer that does not read; then Akka keeps them back.</summary>
    private const int MaxWaiting = 4 * 1024 * 1024;

    /// <summary>Bytes that are written together.</summary>
    private const int MaxBatch = 64 * 1024;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Stream _stream;
    private readonly FrameInspector? _inspector;
    private readonly StrangerLog _log;
    private readonly Channel<ByteString> _waiting = Channel.CreateUnbounded<ByteString>(new UnboundedChannelOptions { SingleReader = true });
    private int _waitingBytes;
    private int _ended;

    /// <summary>Starts once Akka says who listens.</summary>
    /// <param name="local">Address of this side.</param>
    /// <param name="remote">Address of the other.</param>
    /// <param name="stream">The connection, owned.</param>
    /// <param name="inspector">Looks into what the other side sends; null where it may say what it likes.</param>
    /// <param name="log">Hears of a side that does not keep to the rules.</param>
    internal StreamAssociation(Address local, Address remote, Stream stream, FrameInspector? inspector, StrangerLog log)
        : base(local, remote)
    {
        (_stream, _inspector, _log) = (stream, inspector, log);
        _ = WriteAsync();
        _ = ReadAsync();
    }

    /// <inheritdoc/>
    public override bool Write(ByteString payload)
    {
        if (Volatile.Read(ref _waitingBytes) > MaxWaiting)
            return false;
        Interlocked.Add(ref _waitingBytes, payload.Length);
        return _waiting.Writer.TryWrite(payload);
    }

    /// <inheritdoc/>
    [Obsolete("Akka has replaced it by one with a reason.")]
    public override void Disassociate()
    {
        // What is waiting is still written, for a moment.
        _waiting.Writer.TryComplete();
        _ = Task.Delay(Farewell).ContinueWith(_ => Dispose(), TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private async Task WriteAsync()
    {
        var batch = new List<byte>();
        try
        {
            while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                batch.Clear();
                while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out ByteString? payload))
                    Append(batch, payload);
                await _stream.WriteAsync(batch.ToArray()).ConfigureAwait(false);
                await _stream.FlushAsync().ConfigureAwait(false);
            }
            if (_stream is SslStream tls)
                await tls.ShutdownAsync().ConfigureAwait(false);
        }
        catch (Exception end) when (IsEnd(end))
        {
            // The reader tells.
        }
        Dispose();
    }

    private void Append(List<byte> batch, ByteString payload)
    {
        Interlocked.Add(ref _waitingBytes, -payload.Length);
        Span<byte> header = stackalloc byte[Header];
        BinaryPrimitives.WriteInt32BigEndian(header, payload.Length);
        batch.AddRange(header);
        batch.AddRange(payload.Span);
    }

    private async Task ReadAsync()
    {
        IHandleEventListener listener = await ReadHandlerSource.Task.ConfigureAwait(false);
        byte[] header = new byte[Header];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(header).ConfigureAwait(false);
                int length = BinaryPrimitives.ReadInt32BigEndian(header);
                if (length is < 0 or > TlsTransport.MaxFrame)
                {
                    _log.Dishonest($"{RemoteAddress.Host}", "a frame of it has a length that no frame has");
                    break;
                }
                byte[] frame = await ReadFrameAsync(length).ConfigureAwait(false);
                if (_inspector?.MayPass(frame) == false)
                {
                    _log.Dishonest($"{RemoteAddress.Host}", "it has sent what is no message, or speaks for another node");
                    break;
                }
                listener.Notify(new InboundPayload(UnsafeByteOperations.UnsafeWrap(frame)));
            }
        }
        catch (Exception end) when (IsEnd(end))
        {
            // Closed by one side or the other.
        }
        Dispose();
        _waiting.Writer.TryComplete();
        if (Interlocked.Exchange(ref _ended, 1) == 0)
            listener.Notify(new Disassociated(DisassociateInfo.Unknown));
    }

    /// <summary>Room is made for what has come, and not for what is claimed.</summary>
    private async Task<byte[]> ReadFrameAsync(int length)
    {
        const int step = 64 * 1024;
        byte[] frame = new byte[Math.Min(length, step)];
        int read = 0;
        while (read < length)
        {
            if (read == frame.Length)
                Array.Resize(ref frame, Math.Min(length, frame.Length * 2));
            int count = await _stream.ReadAsync(frame.AsMemory(read)).ConfigureAwait(false);
            if (count == 0)
                throw new EndOfStreamException();
            read += count;
        }
        return frame;
    }

    private static bool IsEnd(Exception exception) =>
        exception is IOException or ObjectDisposedException or SocketException or InvalidOperationException or NotSupportedException;
}
