using System.Text;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>Dialogues in lines that end in CR LF, as mail protocols have them.</summary>
internal static class Lines
{
    /// <summary>Most commands that a client may send before TLS, and most lines of one answer.</summary>
    internal const int Most = 100;

    private const int MaxLine = 8192;

    /// <summary>Reads a line; the result is without its end. Bytes above 127 pass unchanged (Latin-1).</summary>
    internal static async Task<string> ReadAsync(LoopSocket socket, CancellationToken cancellation) =>
        Encoding.Latin1.GetString(await socket.ReceiveThroughAsync((byte)'\n', MaxLine, cancellation).ConfigureAwait(false)).TrimEnd('\r', '\n');

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
