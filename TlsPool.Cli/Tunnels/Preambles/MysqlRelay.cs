using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>
/// Stands between the pool and a plaintext side that knows nothing of the SSLRequest: shifts sequence numbers until the server has
/// accepted or refused the login, and only copies from then on.
/// </summary>
/// <param name="plain">The local side.</param>
/// <param name="pool">Our end of the pair whose other end the pool has.</param>
/// <param name="shiftToPlain">Added to sequence numbers on their way to the local side; taken off on the way to the pool.</param>
internal sealed class MysqlRelay(LoopSocket plain, LoopSocket pool, int shiftToPlain)
{
    private const int BufferSize = 16 * 1024;
    private const byte Ok = 0x00;
    private const byte Error = 0xff;

    private volatile bool _loggedIn;

    /// <summary>Changes the first packet on its way to the local side.</summary>
    internal Action<byte[]>? ChangeFirst { get; init; }

    /// <summary>A packet for the pool that was read already; null for none.</summary>
    internal byte[]? FirstToPool { get; init; }

    /// <summary>True if the local side is the server.</summary>
    internal bool ServerIsPlain { get; init; }

    /// <summary>Makes the pair and starts copying.</summary>
    /// <param name="plain">The local side.</param>
    /// <param name="make">Makes the relay for our end of the pair.</param>
    /// <returns>The pool's end.</returns>
    internal static SafeDescriptor Start(LoopSocket plain, Func<LoopSocket, MysqlRelay> make)
    {
        (SafeDescriptor mine, SafeDescriptor pools) = SocketPair.Create();
        _ = make(new LoopSocket(plain.Loop, mine)).RunAsync();
        return pools;
    }

    private async Task RunAsync()
    {
        using LoopSocket left = plain, right = pool;
        Task there = RelayAsync(pool, plain, shiftToPlain, fromServer: !ServerIsPlain, ChangeFirst, first: null);
        Task back = RelayAsync(plain, pool, -shiftToPlain, fromServer: ServerIsPlain, change: null, FirstToPool);
        try
        {
            // A direction that fails takes the other one with it.
            await (await Task.WhenAny(there, back).ConfigureAwait(false)).ConfigureAwait(false);
            await Task.WhenAll(there, back).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            plain.Dispose();
            pool.Dispose();
        }
    }

    private async Task RelayAsync(LoopSocket from, LoopSocket to, int shift, bool fromServer, Action<byte[]>? change, byte[]? first)
    {
        if (first is not null)
            await to.SendAsync(first, CancellationToken.None).ConfigureAwait(false);
        byte[] header = new byte[MysqlPacket.HeaderSize];
        while (!_loggedIn)
        {
            await from.ReceiveExactlyAsync(header, CancellationToken.None).ConfigureAwait(false);
            if (_loggedIn)
            {
                // The first command: it came while this side was waiting, and counts from zero.
                await to.SendAsync(header, CancellationToken.None).ConfigureAwait(false);
                break;
            }
            byte[] packet = await MysqlPacket.ReadPayloadAsync(from, header, CancellationToken.None).ConfigureAwait(false);
            packet[MysqlPacket.SequenceAt] = (byte)(packet[MysqlPacket.SequenceAt] + shift);
            change?.Invoke(packet);
            change = null;
            if (fromServer && packet[MysqlPacket.HeaderSize] is Ok or Error)
                _loggedIn = true;
            await to.SendAsync(packet, CancellationToken.None).ConfigureAwait(false);
        }
        await CopyAsync(from, to).ConfigureAwait(false);
    }

    private static async Task CopyAsync(LoopSocket from, LoopSocket to)
    {
        byte[] buffer = new byte[BufferSize];
        while (await from.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false) is > 0 and var count)
            await to.SendAsync(buffer.AsMemory(0, count), CancellationToken.None).ConfigureAwait(false);
        SocketCalls.ShutdownWrite(to.Descriptor.Number);
    }
}
