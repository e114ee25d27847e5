using System.Security;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>STARTTLS of XMPP (RFC 6120 section 5). After it the stream begins anew, so the server behind has nothing to say before.</summary>
/// <param name="betweenServers">True for the namespace of servers ("jabber:server") instead of clients.</param>
internal sealed partial class XmppPreamble(bool betweenServers) : IPreamble
{
    private const string StartTls = "urn:ietf:params:xml:ns:xmpp-tls";
    private const int MaxTag = 4096;

    private string Namespace => betweenServers ? "jabber:server" : "jabber:client";

    /// <inheritdoc/>
    public async Task ServeAsync(ServedPreamble served)
    {
        string stream = await ReadTagAsync(served.Client, "stream:stream", served.Cancellation).ConfigureAwait(false);
        string domain = To().Match(stream) is { Success: true } to ? $" from='{to.Groups["name"].Value}'" : "";
        string id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        await WriteAsync(
            served.Client,
            $"<?xml version='1.0'?><stream:stream xmlns='{Namespace}' xmlns:stream='http://etherx.jabber.org/streams' id='{id}'{domain} version='1.0' xml:lang='en'>"
                + $"<stream:features><starttls xmlns='{StartTls}'><required/></starttls></stream:features>",
            served.Cancellation).ConfigureAwait(false);
        await ReadElementAsync(served.Client, "starttls", served.Cancellation).ConfigureAwait(false);
        await WriteAsync(served.Client, $"<proceed xmlns='{StartTls}'/>", served.Cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task AskAsync(AskedPreamble asked)
    {
        if (asked.RemoteId.Length == 0)
            throw new InvalidDataException("XMPP asks for a domain by name: give --remote-id");
        string domain = SecurityElement.Escape(asked.RemoteId[(asked.RemoteId.LastIndexOf('@') + 1)..]);
        await WriteAsync(
            asked.Server,
            $"<?xml version='1.0'?><stream:stream xmlns='{Namespace}' xmlns:stream='http://etherx.jabber.org/streams' to='{domain}' version='1.0'>",
            asked.Cancellation).ConfigureAwait(false);
        await ReadTagAsync(asked.Server, "stream:stream", asked.Cancellation).ConfigureAwait(false);
        string features = await ReadElementAsync(asked.Server, "stream:features", asked.Cancellation).ConfigureAwait(false);
        if (!features.Contains(StartTls, StringComparison.Ordinal))
            throw new InvalidDataException("the server does not offer STARTTLS");
        await WriteAsync(asked.Server, $"<starttls xmlns='{StartTls}'/>", asked.Cancellation).ConfigureAwait(false);
        await ReadElementAsync(asked.Server, "proceed", asked.Cancellation).ConfigureAwait(false);
    }

    private static Task WriteAsync(LoopSocket socket, string text, CancellationToken cancellation) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), cancellation);

    /// <summary>Reads tag by tag up to a start tag; only the XML declaration and white space may come before it.</summary>
    private static async Task<string> ReadTagAsync(LoopSocket socket, string name, CancellationToken cancellation)
    {
        while (true)
        {
            await Lines.RefuseTlsAsync(socket, cancellation).ConfigureAwait(false);
            byte[] bytes = await socket.ReceiveThroughAsync((byte)'>', MaxTag, cancellation).ConfigureAwait(false);
            string tag = Encoding.UTF8.GetString(bytes).Trim();
            if (tag.StartsWith("<?xml", StringComparison.Ordinal))
                continue;
            if (IsStart(tag, name))
                return tag;
            throw new InvalidDataException($"the other side said {Lines.Quote(tag)} instead of <{name}>");
        }
    }

    /// <summary>Reads an element with all that is in it.</summary>
    private static async Task<string> ReadElementAsync(LoopSocket socket, string name, CancellationToken cancellation)
    {
        string element = await ReadTagAsync(socket, name, cancellation).ConfigureAwait(false);
        string end = $"</{name}>";
        for (int i = 0; i < Lines.Most && !element.EndsWith(end, StringComparison.Ordinal); i++)
        {
            if (i == 0 && element.EndsWith("/>", StringComparison.Ordinal))
                return element;
            byte[] bytes = await socket.ReceiveThroughAsync((byte)'>', MaxTag, cancellation).ConfigureAwait(false);
            element += Encoding.UTF8.GetString(bytes);
        }
        return element.EndsWith(end, StringComparison.Ordinal) ? element : throw new InvalidDataException($"<{name}> does not end");
    }

    private static bool IsStart(string tag, string name) =>
        tag.StartsWith('<' + name, StringComparison.Ordinal) && tag.Length > name.Length + 1 && tag[name.Length + 1] is ' ' or '>' or '/' or '\t' or '\r' or '\n';

    [GeneratedRegex(@"\sto\s*=\s*(?<quote>['""])(?<name>[A-Za-z0-9.\-_:\[\]@]{1,255})\k<quote>")]
    private static partial Regex To();
}
