using System.Text.RegularExpressions;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>STARTTLS of IMAP (RFC 9051 section 6.2.1). The greeting and the capabilities are the real server's.</summary>
internal sealed partial class ImapPreamble : IPreamble
{
    private const string Tag = "tlspool1";

    /// <inheritdoc/>
    public async Task ServeAsync(ServedPreamble served)
    {
        LoopSocket backend = await served.BackendAsync().ConfigureAwait(false);
        string greeting = await Lines.ReadAsync(backend, served.Cancellation).ConfigureAwait(false);
        if (!greeting.StartsWith("* OK", StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException($"the backend does not greet with OK: {Lines.Quote(greeting)}");
        await Lines.WriteAsync(served.Client, served.Cancellation, OfferTls(greeting)).ConfigureAwait(false);
        for (int i = 0; i < Lines.Most; i++)
        {
            string command = await Lines.ReadAsync(served.Client, served.Cancellation).ConfigureAwait(false);
            string[] words = command.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            string tag = words.Length > 0 ? words[0] : "*";
            switch (words.Length > 1 ? words[1].ToUpperInvariant() : "")
            {
                case "CAPABILITY":
                    // In words of this side: nothing of what the client says before TLS may reach the backend.
                    await Lines.WriteAsync(backend, served.Cancellation, $"{Tag} CAPABILITY").ConfigureAwait(false);
                    await RelayAsync(served, backend, tag).ConfigureAwait(false);
                    break;
                case "STARTTLS":
                    await Lines.WriteAsync(served.Client, served.Cancellation, $"{tag} OK Begin TLS negotiation now").ConfigureAwait(false);
                    return;
                case "NOOP":
                    await Lines.WriteAsync(served.Client, served.Cancellation, $"{tag} OK NOOP completed").ConfigureAwait(false);
                    break;
                case "LOGOUT":
                    await Lines.WriteAsync(served.Client, served.Cancellation, "* BYE Logging out", $"{tag} OK LOGOUT completed").ConfigureAwait(false);
                    throw new InvalidDataException("the client left without STARTTLS");
                default:
                    await Lines.WriteAsync(served.Client, served.Cancellation, $"{tag} NO [PRIVACYREQUIRED] Use STARTTLS first").ConfigureAwait(false);
                    break;
            }
        }
        throw new InvalidDataException("the client sent too many commands without STARTTLS");
    }

    /// <inheritdoc/>
    public async Task AskAsync(AskedPreamble asked)
    {
        string greeting = await Lines.ReadAsync(asked.Server, asked.Cancellation).ConfigureAwait(false);
        if (!greeting.StartsWith("* OK", StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException($"the server does not greet with OK: {Lines.Quote(greeting)}");
        await Lines.WriteAsync(asked.Server, asked.Cancellation, $"{Tag} STARTTLS").ConfigureAwait(false);
        for (int i = 0; i < Lines.Most; i++)
        {
            string line = await Lines.ReadAsync(asked.Server, asked.Cancellation).ConfigureAwait(false);
            if (!line.StartsWith(Tag + " ", StringComparison.Ordinal))
                continue;
            if (!line.StartsWith(Tag + " OK", StringComparison.OrdinalIgnoreCase))
                throw new InvalidDataException($"the server refuses STARTTLS: {Lines.Quote(line)}");
            // Capabilities, referrals and alerts that came in the clear are not to be believed (section 6.2.1).
            asked.Greeting = Lines.Bytes(ResponseCode().Replace(greeting, "* OK "));
            return;
        }
        throw new InvalidDataException("the server does not answer STARTTLS");
    }

    private static async Task RelayAsync(ServedPreamble served, LoopSocket backend, string tag)
    {
        for (int i = 0; i < Lines.Most; i++)
        {
            string line = await Lines.ReadAsync(backend, served.Cancellation).ConfigureAwait(false);
            bool last = line.StartsWith(Tag + " ", StringComparison.Ordinal);
            await Lines.WriteAsync(served.Client, served.Cancellation, last ? tag + line[Tag.Length..] : OfferTls(line)).ConfigureAwait(false);
            if (last)
                return;
        }
        throw new InvalidDataException("the backend does not end its answer");
    }

    /// <summary>Adds STARTTLS and LOGINDISABLED to a list of capabilities and takes the ways to log in out of it.</summary>
    private static string OfferTls(string line) => CapabilityList().Replace(line, match =>
    {
        IEnumerable<string> kept = match.Groups["list"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(one => !one.StartsWith("AUTH=", StringComparison.OrdinalIgnoreCase)
                && !one.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase) && !one.Equals("LOGINDISABLED", StringComparison.OrdinalIgnoreCase));
        return match.Groups["start"].Value + " " + string.Join(' ', [.. kept, "STARTTLS", "LOGINDISABLED"]);
    });

    [GeneratedRegex(@"^(?<start>\* CAPABILITY|\* OK \[CAPABILITY)(?<list>[^\]]*)", RegexOptions.IgnoreCase)]
    private static partial Regex CapabilityList();

    [GeneratedRegex(@"^\* OK \[[^\]]*\] ?", RegexOptions.IgnoreCase)]
    private static partial Regex ResponseCode();
}
