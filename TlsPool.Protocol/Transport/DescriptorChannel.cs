using System.Net.Sockets;
using System.Text;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Transport;

/// <summary>
/// Short messages, each with a descriptor if need be, between two programs over a connected UNIX stream socket. Not thread safe. Its messages
/// are a kind and a text in a block of 256 bytes, so that a descriptor always belongs to one.
/// </summary>
public sealed class DescriptorChannel : IDisposable
{
    /// <summary>Most bytes of a text in UTF-8; longer ones are cut.</summary>
    public const int MaxText = BlockSize - 1;

    private const int BlockSize = 256;

    private readonly Socket _socket;

    /// <summary>Takes a connected socket.</summary>
    public DescriptorChannel(Socket socket) => _socket = socket;

    /// <summary>Connects to the program that listens at a path; null if nobody does.</summary>
    /// <exception cref="SocketException">It cannot be reached for another reason.</exception>
    public static async Task<DescriptorChannel?> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            return new DescriptorChannel(socket);
        }
        catch (SocketException nobody) when (nobody.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !File.Exists(path))
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message.</summary>
    /// <param name="kind">An ASCII letter.</param>
    /// <param name="text">Its text, without NUL.</param>
    /// <param name="descriptor">A descriptor to pass along; stays the caller's.</param>
    /// <exception cref="IOException">The other side is gone, or takes nothing.</exception>
    public void Send(char kind, string text = "", SafeDescriptor? descriptor = null)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        block[0] = (byte)kind;
        System.Text.Unicode.Utf8.FromUtf16(text, block[1..], out _, out _);
        // Far less than a socket's buffer: it takes all, or the other side does not read.
        if (DescriptorMessage.Send((int)_socket.Handle, block, descriptor) != BlockSize)
            throw new IOException("the other side is gone");
    }

    /// <summary>Receives a message; the descriptor that came with it is the caller's.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public async Task<(char Kind, string Text, SafeDescriptor? Descriptor)> ReceiveAsync(CancellationToken cancellation)
    {
        byte[] block = new byte[BlockSize];
        SafeDescriptor? descriptor = null;
        try
        {
            for (int have = 0; have < BlockSize;)
            {
                _ = await _socket.ReceiveAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
                DescriptorMessage.Received received = DescriptorMessage.Receive((int)_socket.Handle, block.AsSpan(have));
                if (received.Descriptor is not null)
                {
                    descriptor?.Dispose();
                    descriptor = received.Descriptor;
                }
                if (received.Bytes is 0 or SocketCalls.Failed)
                    throw new IOException("the other side is gone");
                have += Math.Max(received.Bytes, 0);
            }
        }
        catch (SocketException exception)
        {
            descriptor?.Dispose();
            throw new IOException("the other side is gone", exception);
        }
        catch
        {
            descriptor?.Dispose();
            throw;
        }
        return ((char)block[0], Encoding.UTF8.GetString(block, 1, MaxText).TrimEnd('\0'), descriptor);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
