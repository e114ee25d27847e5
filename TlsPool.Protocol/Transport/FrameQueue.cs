using System.Buffers;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Transport;

/// <summary>Frames that the socket did not take yet, in order. Not thread safe.</summary>
internal sealed class FrameQueue(int limit)
{
    private readonly Queue<Entry> _entries = [];

    internal bool IsEmpty => _entries.Count == 0;

    /// <summary>Queues the rest of a frame; false if the limit in bytes is reached.</summary>
    internal bool TryAdd(ReadOnlySpan<byte> rest, SafeDescriptor? descriptor)
    {
        if ((_entries.Count + 1) * Frame.Size > limit)
            return false;
        byte[] copy = ArrayPool<byte>.Shared.Rent(Frame.Size);
        rest.CopyTo(copy);
        _entries.Enqueue(new Entry(copy, 0, rest.Length, descriptor));
        return true;
    }

    /// <summary>Sends as much as the socket takes; false if the socket failed.</summary>
    internal bool Flush(int socket)
    {
        while (_entries.TryPeek(out Entry? entry))
        {
            int sent = DescriptorMessage.Send(socket, entry.Buffer.AsSpan(entry.Offset, entry.Length), entry.Descriptor);
            if (sent < 0)
                return sent == SocketCalls.WouldBlock;
            entry.Advance(sent);
            if (entry.Length > 0)
                return true;
            Return(_entries.Dequeue());
        }
        return true;
    }

    /// <summary>Drops everything and closes its descriptors.</summary>
    internal void Clear()
    {
        while (_entries.TryDequeue(out Entry? entry))
            Return(entry);
    }

    private static void Return(Entry entry)
    {
        entry.Descriptor?.Dispose();
        ArrayPool<byte>.Shared.Return(entry.Buffer, clearArray: true);
    }

    private sealed class Entry(byte[] buffer, int offset, int length, SafeDescriptor? descriptor)
    {
        internal byte[] Buffer { get; } = buffer;

        internal int Offset { get; private set; } = offset;

        internal int Length { get; private set; } = length;

        internal SafeDescriptor? Descriptor { get; private set; } = descriptor;

        /// <summary>A descriptor travels with the first byte.</summary>
        internal void Advance(int sent)
        {
            Descriptor?.Dispose();
            Descriptor = null;
            Offset += sent;
            Length -= sent;
        }
    }
}
