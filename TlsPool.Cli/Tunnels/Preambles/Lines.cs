using System.Text;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>Dialogues in lines that end in CR LF, as mail protocols have them.</summary>
internal static class Lines
{
    /// <summary>Most commands that a client may send before TLS, and most lines of one answer.</summary>
    internal const int Most = 100;

    private const int MaxLine = 8192;
    private const byte TlsHandshakeRecord = 0x16;

    /// <summary>Reads a line; the result is without its end. Bytes above 127 pass unchanged (Latin-1).</summary>
    /// <exception cref="InvalidDataException">It is no line of text, or TLS has begun too early.</exception>
    internal static async Task<string> ReadAsync(LoopSocket socket, CancellationToken cancellation)
    {
        await RefuseTlsAsync(socket, cancellation).ConfigureAwait(false);
        byte[] bytes = await socket.ReceiveThroughAsync((byte)'\n', MaxLine, cancellation).ConfigureAwait(false);
        string line = Encoding.Latin1.GetString(bytes).TrimEnd('\r', '\n');
        // What is one line here must not become two at the next reader (CR), or end early (NUL).
        return line.Any(letter => letter is (< ' ' and not '\t') or '\x7f')
            ? throw new InvalidDataException($"the other side sent control characters in a line: {Quote(line)}")
            : line;
    }

    /// <summary>Waits for the other side to say something; a TLS record would wait for ever for the end of a line.</summary>
    /// <exception cref="InvalidDataException">It begins TLS without having agreed on it.</exception>
    internal static async Task RefuseTlsAsync(LoopSocket socket, CancellationToken cancellation)
    {
        byte[] first = new byte[1];
        if (await socket.PeekAsync(first, cancellation).ConfigureAwait(false) == 1 && first[0] == TlsHandshakeRecord)
            throw new InvalidDataException("the other side begins TLS at once instead of by STARTTLS: leave --starttls out for it");
    }

    /// <summary>Writes lines.</summary>
    internal static Task WriteAsync(LoopSocket socket, CancellationToken cancellation, params IEnumerable<string> lines) =>
        socket.SendAsync(Bytes(lines), cancellation);

    /// <summary>Lines as they go over the wire.</summary>
    internal static byte[] Bytes(params IEnumerable<string> lines) =>
        Encoding.Latin1.GetBytes(string.Concat(lines.Select(line => line + "\r\n")));

    /// <summary>The first word of a command, in capitals.</summary>
    internal static string Verb(string command) => command.Split(' ', 2)[0].ToUpperInvariant();

    /// <summary>For the log: what the other side said, shortened.</summary>
    internal static string Quote(string line) => '"' + (line.Length > 100 ? line[..100] + "..." : line) + '"';
}
