using System.Globalization;
using System.Security.Cryptography;
using TlsPool.Protocol.Client;

namespace TlsPool.Cli.Pins;

/// <summary>A person at the terminal.</summary>
internal sealed class TerminalPinSource(Terminal terminal) : IPinSource
{
    public async ValueTask<byte[]> AskAsync(PinPrompt prompt, CancellationToken cancellation) =>
        // Waits for a person: not on a thread that others need.
        await Task.Factory.StartNew(
            () => Ask(prompt, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);

    public void Say(string text) => terminal.Write($"tlspool: {text}\n");

    private byte[] Ask(PinPrompt prompt, CancellationToken cancellation)
    {
        terminal.Write($"\n{TerminalText.Printable(prompt.Prompt)}\n  {PinText.Token(prompt)}, {PinText.Attempt(prompt)}\n");
        while (true)
        {
            byte[] pin = terminal.ReadSecret("PIN, or nothing to refuse: ", cancellation) ?? [];
            if (pin.Length <= PinText.LongestPin && !pin.AsSpan().Contains((byte)0))
                return pin;
            CryptographicOperations.ZeroMemory(pin);
            terminal.Write(string.Create(CultureInfo.InvariantCulture, $"A PIN has at most {PinText.LongestPin} bytes.\n"));
        }
    }
}
