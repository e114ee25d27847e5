using System.Globalization;
using System.Text;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>A preamble that the user has written down: lines to wait for and text to send, in order.</summary>
internal sealed class ChatPreamble : IPreamble
{
    private const string Expect = "expect:";
    private const string Send = "send:";

    private readonly List<(bool Sends, byte[] Text)> _steps;

    private ChatPreamble(List<(bool Sends, byte[] Text)> steps) => _steps = steps;

    /// <summary>Reads steps <c>expect:TEXT</c> (skips lines until one contains it) and <c>send:TEXT</c>; \r \n \t \\ and \xHH are escapes.</summary>
    /// <exception cref="CommandException">A step is neither.</exception>
    internal static ChatPreamble Parse(IEnumerable<string> steps) => new([.. steps.Select(step =>
        step.StartsWith(Expect, StringComparison.Ordinal) && step.Length > Expect.Length ? (false, Unescape(step[Expect.Length..]))
        : step.StartsWith(Send, StringComparison.Ordinal) ? (true, Unescape(step[Send.Length..]))
        : throw new CommandException($"--chat takes expect:TEXT or send:TEXT, not '{step}'"))]);

    /// <inheritdoc/>
    public Task ServeAsync(ServedPreamble served) => TalkAsync(served.Client, served.Cancellation);

    /// <inheritdoc/>
    public Task AskAsync(AskedPreamble asked) => TalkAsync(asked.Server, asked.Cancellation);

    private async Task TalkAsync(LoopSocket socket, CancellationToken cancellation)
    {
        foreach ((bool sends, byte[] text) in _steps)
        {
            if (sends)
                await socket.SendAsync(text, cancellation).ConfigureAwait(false);
            else
                await WaitForAsync(socket, text, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task WaitForAsync(LoopSocket socket, byte[] text, CancellationToken cancellation)
    {
        for (int i = 0; i < Lines.Most; i++)
        {
            string line = await Lines.ReadAsync(socket, cancellation).ConfigureAwait(false);
            if (line.Contains(Encoding.Latin1.GetString(text), StringComparison.Ordinal))
                return;
        }
        throw new InvalidDataException($"the other side never said {Lines.Quote(Encoding.Latin1.GetString(text))}");
    }

    private static byte[] Unescape(string text)
    {
        using var bytes = new MemoryStream();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Write(Encoding.UTF8.GetBytes(text, i, 1));
                continue;
            }
            i++;
            char kind = i < text.Length ? text[i] : '\0';
            if (kind == 'x' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                bytes.WriteByte(value);
                i += 2;
                continue;
            }
            bytes.WriteByte(kind switch
            {
                'r' => (byte)'\r',
                'n' => (byte)'\n',
                't' => (byte)'\t',
                '\\' => (byte)'\\',
                _ => throw new CommandException($"--chat: escapes are \\r \\n \\t \\\\ and \\xHH, in '{text}'"),
            });
        }
        return bytes.ToArray();
    }
}
