using System.Buffers.Binary;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>SSLRequest of PostgreSQL (its manual, "Message Flow", section "SSL Session Encryption").</summary>
internal sealed class PostgresPreamble : IPreamble
{
    private const int MessageSize = 8;
    private const int SslRequest = 80877103;
    private const int GssEncryptionRequest = 80877104;

    /// <inheritdoc/>
    public async Task ServeAsync(ServedPreamble served)
    {
        byte[] request = new byte[MessageSize];
        for (int i = 0; i < 3; i++)
        {
            await served.Client.ReceiveExactlyAsync(request, served.Cancellation).ConfigureAwait(false);
            int length = BinaryPrimitives.ReadInt32BigEndian(request);
            int code = BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4));
            if (length == MessageSize && code == GssEncryptionRequest)
            {
                await served.Client.SendAsync("N"u8.ToArray(), served.Cancellation).ConfigureAwait(false);
                continue;
            }
            if (length == MessageSize && code == SslRequest)
            {
                await served.Client.SendAsync("S"u8.ToArray(), served.Cancellation).ConfigureAwait(false);
                return;
            }
            break;
        }
        await served.Client.SendAsync(Refusal(), served.Cancellation).ConfigureAwait(false);
        throw new InvalidDataException("the client does not ask for TLS: give it sslmode=require or better");
    }

    /// <inheritdoc/>
    public async Task AskAsync(AskedPreamble asked)
    {
        byte[] request = new byte[MessageSize];
        BinaryPrimitives.WriteInt32BigEndian(request, MessageSize);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), SslRequest);
        await asked.Server.SendAsync(request, asked.Cancellation).ConfigureAwait(false);
        byte[] answer = new byte[1];
        await asked.Server.ReceiveExactlyAsync(answer, asked.Cancellation).ConfigureAwait(false);
        if (answer[0] != 'S')
            throw new InvalidDataException("the server does not offer TLS");
        await DeclineAsync(asked.Client, asked.Cancellation).ConfigureAwait(false);
    }

    /// <summary>A local client may ask for encryption too: it is answered here, since the server would not expect that question under TLS.</summary>
    private static async Task DeclineAsync(LoopSocket client, CancellationToken cancellation)
    {
        byte[] request = new byte[MessageSize];
        for (int i = 0; i < 2; i++)
        {
            // Only questions have this length; a first message comes in one piece.
            byte[] length = new byte[sizeof(int)];
            int seen = await client.PeekAsync(length, cancellation).ConfigureAwait(false);
            if (seen < length.Length || BinaryPrimitives.ReadInt32BigEndian(length) != MessageSize)
                return;
            await client.ReceiveExactlyAsync(request, cancellation).ConfigureAwait(false);
            if (BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4)) is not (SslRequest or GssEncryptionRequest))
                throw new InvalidDataException("the local client does not speak the PostgreSQL protocol");
            await client.SendAsync("N"u8.ToArray(), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>ErrorResponse: severity, SQLSTATE 28000 (invalid_authorization_specification), message.</summary>
    private static byte[] Refusal()
    {
        byte[] fields = "SFATAL\0VFATAL\0C28000\0MTLS is required: connect with sslmode=require\0\0"u8.ToArray();
        byte[] message = new byte[5 + fields.Length];
        message[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + fields.Length);
        fields.CopyTo(message, 5);
        return message;
    }
}
