using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>STLS of POP3 (RFC 2595 section 4). The greeting and the capabilities are the real server's.</summary>
internal sealed class Pop3Preamble : IPreamble
{
    /// <inheritdoc/>
    public async Task ServeAsync(ServedPreamble served)
    {
        LoopSocket backend = await served.BackendAsync().ConfigureAwait(false);
        string greeting = await ExpectAsync(backend, served.Cancellation).ConfigureAwait(false);
        await Lines.WriteAsync(served.Client, served.Cancellation, greeting).ConfigureAwait(false);
        for (int i = 0; i < Lines.Most; i++)
        {
            string command = await Lines.ReadAsync(served.Client, served.Cancellation).ConfigureAwait(false);
            switch (Lines.Verb(command))
            {
                case "CAPA":
                    await RelayCapabilitiesAsync(served, backend).ConfigureAwait(false);
                    break;
                case "STLS":
                    await Lines.WriteAsync(served.Client, served.Cancellation, "+OK Begin TLS negotiation").ConfigureAwait(false);
                    return;
                case "QUIT":
                    await Lines.WriteAsync(served.Client, served.Cancellation, "+OK Bye").ConfigureAwait(false);
                    throw new InvalidDataException("the client left without STLS");
                default:
                    await Lines.WriteAsync(served.Client, served.Cancellation, "-ERR Use STLS first").ConfigureAwait(false);
                    break;
            }
        }
        throw new InvalidDataException("the client sent too many commands without STLS");
    }

    /// <inheritdoc/>
    public async Task AskAsync(AskedPreamble asked)
    {
        string greeting = await ExpectAsync(asked.Server, asked.Cancellation).ConfigureAwait(false);
        await Lines.WriteAsync(asked.Server, asked.Cancellation, "STLS").ConfigureAwait(false);
        string answer = await Lines.ReadAsync(asked.Server, asked.Cancellation).ConfigureAwait(false);
        if (!answer.StartsWith("+OK", StringComparison.Ordinal))
            throw new InvalidDataException($"the server refuses STLS: {Lines.Quote(answer)}");
        asked.Greeting = Lines.Bytes(greeting);
    }

    private static async Task<string> ExpectAsync(LoopSocket server, CancellationToken cancellation)
    {
        string line = await Lines.ReadAsync(server, cancellation).ConfigureAwait(false);
        return line.StartsWith("+OK", StringComparison.Ordinal)
            ? line
            : throw new InvalidDataException($"the server said {Lines.Quote(line)} instead of +OK");
    }

    /// <summary>Adds STLS; passwords are not asked for in the clear. A server without CAPA gets a list of just that.</summary>
    private static async Task RelayCapabilitiesAsync(ServedPreamble served, LoopSocket backend)
    {
        await Lines.WriteAsync(backend, served.Cancellation, "CAPA").ConfigureAwait(false);
        List<string> list = ["+OK Capability list follows"];
        string line = await Lines.ReadAsync(backend, served.Cancellation).ConfigureAwait(false);
        for (bool more = line.StartsWith("+OK", StringComparison.Ordinal); more;)
        {
            line = await Lines.ReadAsync(backend, served.Cancellation).ConfigureAwait(false);
            more = line != ".";
            if (more && Lines.Verb(line) is not ("STLS" or "USER" or "SASL"))
                list.Add(line);
            if (list.Count > Lines.Most)
                throw new InvalidDataException("the backend's list of capabilities does not end");
        }
        await Lines.WriteAsync(served.Client, served.Cancellation, [.. list, "STLS", "."]).ConfigureAwait(false);
    }
}
