using System.Security.Cryptography;
using TlsPool.Cli.Pins;

namespace TlsPool.Cli.Consoles.Input;

/// <summary>Waits for keys on a thread of its own, as reading from a terminal holds one up.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="pressed">Is told of each key.</param>
/// <param name="gone">Is told when the terminal has gone.</param>
internal sealed class KeyReader(Terminal terminal, Action<Key> pressed, Action gone)
{
    /// <summary>How soon a program that ends is noticed.</summary>
    private const int IdleMilliseconds = 500;

    /// <summary>How long the rest of a key may be under way: a slow link splits them.</summary>
    private const int KeyMilliseconds = 100;

    /// <summary>Reads until it is cancelled, or the terminal has gone.</summary>
    internal void Start(CancellationToken cancellation) =>
        new Thread(() => Read(cancellation)) { IsBackground = true, Name = "keys" }.Start();

    private void Read(CancellationToken cancellation)
    {
        var decoder = new KeyDecoder();
        byte[] buffer = GC.AllocateArray<byte>(256, pinned: true);
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                int length = terminal.Read(buffer, decoder.IsWaiting ? KeyMilliseconds : IdleMilliseconds);
                if (length < 0)
                    break;
                if (length == 0)
                    decoder.Settle(pressed);
                decoder.Take(buffer.AsSpan(0, length), pressed);
                CryptographicOperations.ZeroMemory(buffer);
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // The terminal has gone.
        }
        gone();
    }
}
