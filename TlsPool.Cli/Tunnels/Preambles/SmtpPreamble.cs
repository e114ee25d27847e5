using System.Net;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>STARTTLS of SMTP (RFC 3207). The greeting and the capabilities are the real server's.</summary>
internal sealed class SmtpPreamble : IPreamble
{
    /// <inheritdoc/>
    public async Task ServeAsync(ServedPreamble served)
    {
        LoopSocket backend = await served.BackendAsync().ConfigureAwait(false);
        List<string> greeting = await RelayAsync(served, backend, lines => lines).ConfigureAwait(false);
        if (!greeting[0].StartsWith("220", StringComparison.Ordinal))
            throw new InvalidDataException($"the backend does not greet with 220: {Lines.Quote(greeting[0])}");
        for (int i = 0; i < Lines.Most; i++)
        {
            string command = await Lines.ReadAsync(served.Client, served.Cancellation).ConfigureAwait(false);
            switch (Lines.Verb(command))
            {
                case "EHLO" or "LHLO" or "HELO" when Lines.Verb(command) is var verb:
                    // In this host's name: what the client says before TLS is to be forgotten (RFC 3207 section 4.2).
                    await Lines.WriteAsync(backend, served.Cancellation, $"{verb} {HostName()}").ConfigureAwait(false);
                    await RelayAsync(served, backend, verb == "HELO" ? lines => lines : OfferTls).ConfigureAwait(false);
                    break;
                case "STARTTLS":
                    await Lines.WriteAsync(served.Client, served.Cancellation, "220 2.0.0 Ready to start TLS").ConfigureAwait(false);
                    return;
                case "NOOP" or "RSET":
                    await Lines.WriteAsync(served.Client, served.Cancellation, "250 2.0.0 Ok").ConfigureAwait(false);
                    break;
                case "QUIT":
                    await Lines.WriteAsync(served.Client, served.Cancellation, "221 2.0.0 Bye").ConfigureAwait(false);
                    throw new InvalidDataException("the client left without STARTTLS");
                default:
                    await Lines.WriteAsync(served.Client, served.Cancellation, "530 5.7.0 Must issue a STARTTLS command first").ConfigureAwait(false);
                    break;
            }
        }
        throw new InvalidDataException("the client sent too many commands without STARTTLS");
    }

    /// <inheritdoc/>
    public async Task AskAsync(AskedPreamble asked)
    {
        List<string> greeting = await ReadReplyAsync(asked.Server, "220", asked.Cancellation).ConfigureAwait(false);
        await Lines.WriteAsync(asked.Server, asked.Cancellation, "EHLO " + HostName()).ConfigureAwait(false);
        List<string> capabilities = await ReadReplyAsync(asked.Server, "250", asked.Cancellation).ConfigureAwait(false);
        if (!capabilities.Any(line => Keyword(line) == "STARTTLS"))
            throw new InvalidDataException("the server does not offer STARTTLS");
        await Lines.WriteAsync(asked.Server, asked.Cancellation, "STARTTLS").ConfigureAwait(false);
        await ReadReplyAsync(asked.Server, "220", asked.Cancellation).ConfigureAwait(false);
        asked.Greeting = Lines.Bytes(greeting);
    }

    private static async Task<List<string>> RelayAsync(ServedPreamble served, LoopSocket backend, Func<List<string>, List<string>> change)
    {
        List<string> reply = await ReadReplyAsync(backend, "", served.Cancellation).ConfigureAwait(false);
        await Lines.WriteAsync(served.Client, served.Cancellation, change(reply)).ConfigureAwait(false);
        return reply;
    }

    private static async Task<List<string>> ReadReplyAsync(LoopSocket server, string code, CancellationToken cancellation)
    {
        List<string> reply = [];
        while (reply.Count < Lines.Most)
        {
            string line = await Lines.ReadAsync(server, cancellation).ConfigureAwait(false);
            if (line.Length < 3 || !line.StartsWith(code, StringComparison.Ordinal))
                throw new InvalidDataException($"the server said {Lines.Quote(line)} instead of {code}");
            reply.Add(line);
            if (line.Length == 3 || line[3] != '-')
                return reply;
        }
        throw new InvalidDataException("the server's reply does not end");
    }

    /// <summary>Adds STARTTLS; passwords are not asked for in the clear.</summary>
    private static List<string> OfferTls(List<string> reply)
    {
        if (!reply[0].StartsWith("250", StringComparison.Ordinal))
            return reply;
        IEnumerable<string> kept = reply.Where((line, index) => index == 0 || Keyword(line) is not ("STARTTLS" or "AUTH")).Select(line => line[Math.Min(4, line.Length)..]);
        List<string> texts = [.. kept, "STARTTLS"];
        return [.. texts.Select((text, index) => (index + 1 < texts.Count ? "250-" : "250 ") + text)];
    }

    // "AUTH=LOGIN" is an old way to write "AUTH LOGIN".
    private static string Keyword(string line) => line.Length < 4 ? "" : line[4..].Split(' ', '=')[0].ToUpperInvariant();

    private static string HostName()
    {
        string name = Dns.GetHostName();
        return name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-') ? name : "localhost";
    }
}
