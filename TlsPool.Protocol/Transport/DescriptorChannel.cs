using System.Net.Sockets;
using System.Security.Cryptography;
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
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

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
        Write(block, kind, text);
        // Far less than a socket's buffer: it takes all, or the other side does not read.
        if (DescriptorMessage.Send((int)_socket.Handle, block, descriptor) != BlockSize)
            throw new IOException("the other side is gone");
    }

    /// <summary>Sends a message of bytes instead of text, of which this side keeps no copy.</summary>
    /// <param name="kind">An ASCII letter.</param>
    /// <param name="bytes">At most <see cref="MaxText"/>.</param>
    /// <exception cref="IOException">The other side is gone, or takes nothing.</exception>
    public void SendSecret(char kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        block[0] = (byte)kind;
        bytes.CopyTo(block[1..]);
        bool sent = DescriptorMessage.Send((int)_socket.Handle, block, null) == BlockSize;
        CryptographicOperations.ZeroMemory(block);
        if (!sent)
            throw new IOException("the other side is gone");
    }

    /// <summary>As <see cref="Send"/>, but waits while the other side is busy: for many in a row.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public async Task SendAsync(char kind, string text, SafeDescriptor descriptor, CancellationToken cancellation)
    {
        byte[] block = new byte[BlockSize];
        Write(block, kind, text);
        int sent;
        while ((sent = DescriptorMessage.Send((int)_socket.Handle, block, descriptor)) == SocketCalls.WouldBlock)
            await Task.Delay(Pause, cancellation).ConfigureAwait(false);
        if (sent != BlockSize)
            throw new IOException("the other side is gone");
    }

    /// <summary>Receives a message; the descriptor that came with it is the caller's.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public async Task<(char Kind, string Text, SafeDescriptor? Descriptor)> ReceiveAsync(CancellationToken cancellation)
    {
        byte[] block = new byte[BlockSize];
        SafeDescriptor? descriptor = await ReceiveAsync(block, cancellation).ConfigureAwait(false);
        return ((char)block[0], Encoding.UTF8.GetString(block, 1, MaxText).TrimEnd('\0'), descriptor);
    }

    /// <summary>Receives a message of text or bytes, which the caller reads, and clears if they are secret.</summary>
    /// <param name="block">Gets the kind, and text or bytes after it: <see cref="MaxText"/> + 1 bytes.</param>
    /// <param name="cancellation">Stops waiting, between two messages.</param>
    /// <returns>The descriptor that came with it, the caller's; or null.</returns>
    /// <exception cref="IOException">The other side is gone.</exception>
    public async Task<SafeDescriptor?> ReceiveAsync(byte[] block, CancellationToken cancellation)
    {
        SafeDescriptor? descriptor = null;
        try
        {
            for (int have = 0; have < BlockSize;)
            {
                _ = await _socket.ReceiveAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
                DescriptorMessage.Received received = DescriptorMessage.Receive((int)_socket.Handle, block.AsSpan(have, BlockSize - have));
                if (received.Descriptor is not null)
                {
                    descriptor?.Dispose();
                    descriptor = received.Descriptor;
                }
                if (received.Bytes is 0 or SocketCalls.Failed)
                    throw new IOException("the other side is gone");
                have += Math.Max(received.Bytes, 0);
            }
            return descriptor;
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
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void Write(Span<byte> block, char kind, string text)
    {
        block.Clear();
        block[0] = (byte)kind;
        System.Text.Unicode.Utf8.FromUtf16(text, block[1..], out _, out _);
    }
}
