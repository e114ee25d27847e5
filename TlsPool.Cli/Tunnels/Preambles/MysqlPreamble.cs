using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>
/// SSLRequest of MySQL and MariaDB (their manuals, "Connection Phase"). The request takes a sequence number of its own, so a
/// <see cref="MysqlRelay"/> counts for the plaintext side until it has logged in.
/// </summary>
internal sealed class MysqlPreamble : IPreamble
{
    private const int RequestPayload = 32;
    private const byte ProtocolVersion = 10;
    private const byte SslInSecondByte = 0x08; // CLIENT_SSL 0x0800

    /// <inheritdoc/>
    public async Task ServeAsync(ServedPreamble served)
    {
        LoopSocket backend = await served.BackendAsync().ConfigureAwait(false);
        byte[] greeting = await ReadGreetingAsync(backend, served.Cancellation).ConfigureAwait(false);
        greeting[CapabilitiesOfGreeting(greeting) + 1] |= SslInSecondByte;
        await served.Client.SendAsync(greeting, served.Cancellation).ConfigureAwait(false);
        byte[] request = new byte[MysqlPacket.HeaderSize + RequestPayload];
        await served.Client.ReceiveExactlyAsync(request, served.Cancellation).ConfigureAwait(false);
        if (MysqlPacket.PayloadLength(request) != RequestPayload || (request[MysqlPacket.HeaderSize + 1] & SslInSecondByte) == 0)
        {
            await served.Client.SendAsync(Refusal(), served.Cancellation).ConfigureAwait(false);
            throw new InvalidDataException("the client does not ask for TLS: give it --ssl-mode=REQUIRED");
        }
        served.Filter = plain => MysqlRelay.Start(plain, pool => new MysqlRelay(plain, pool, shiftToPlain: -1)
        {
            // The backend offered no TLS, so its client must not claim it.
            ChangeFirst = response => response[MysqlPacket.HeaderSize + 1] &= unchecked((byte)~SslInSecondByte),
            ServerIsPlain = true,
        });
    }

    /// <inheritdoc/>
    public async Task AskAsync(AskedPreamble asked)
    {
        byte[] greeting = await ReadGreetingAsync(asked.Server, asked.Cancellation).ConfigureAwait(false);
        int capabilities = CapabilitiesOfGreeting(greeting) + 1;
        if ((greeting[capabilities] & SslInSecondByte) == 0)
            throw new InvalidDataException("the server does not offer TLS");
        greeting[capabilities] &= unchecked((byte)~SslInSecondByte);
        await asked.Client.SendAsync(greeting, asked.Cancellation).ConfigureAwait(false);
        byte[] response = await MysqlPacket.ReadAsync(asked.Client, asked.Cancellation).ConfigureAwait(false);
        if (response.Length < MysqlPacket.HeaderSize + RequestPayload)
            throw new InvalidDataException("the local client does not speak the MySQL protocol 4.1");
        response[MysqlPacket.HeaderSize + 1] |= SslInSecondByte;
        byte[] request = response[..(MysqlPacket.HeaderSize + RequestPayload)];
        (request[0], request[1], request[2]) = (RequestPayload, 0, 0);
        await asked.Server.SendAsync(request, asked.Cancellation).ConfigureAwait(false);
        response[MysqlPacket.SequenceAt]++;
        asked.Filter = plain => MysqlRelay.Start(plain, pool => new MysqlRelay(plain, pool, shiftToPlain: -1) { FirstToPool = response });
    }

    private static async Task<byte[]> ReadGreetingAsync(LoopSocket server, CancellationToken cancellation)
    {
        byte[] greeting = await MysqlPacket.ReadAsync(server, cancellation).ConfigureAwait(false);
        if (greeting[MysqlPacket.HeaderSize] != ProtocolVersion || CapabilitiesOfGreeting(greeting) + 2 > greeting.Length)
            throw new InvalidDataException("the server does not greet in the MySQL protocol, version 10");
        return greeting;
    }

    // Version (1), server version (text, NUL), thread (4), nonce (8), filler (1), then the lower capabilities (2).
    private static int CapabilitiesOfGreeting(byte[] greeting)
    {
        int end = Array.IndexOf(greeting, (byte)0, MysqlPacket.HeaderSize + 1);
        return end < 0 ? greeting.Length : end + 14;
    }

    /// <summary>ERR packet 3159 (ER_SECURE_TRANSPORT_REQUIRED).</summary>
    private static byte[] Refusal()
    {
        byte[] payload = [0xff, 0x57, 0x0c, .. "#HY000Connections using insecure transport are prohibited"u8];
        return [(byte)payload.Length, 0, 0, 2, .. payload];
    }
}
