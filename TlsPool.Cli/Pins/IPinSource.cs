using TlsPool.Protocol.Client;

namespace TlsPool.Cli.Pins;

/// <summary>Where PINs come from.</summary>
internal interface IPinSource
{
    /// <summary>Asks for a PIN.</summary>
    /// <returns>The PIN in UTF-8 in an array of its own, for the caller to clear; empty if it is refused.</returns>
    ValueTask<byte[]> AskAsync(PinPrompt prompt, CancellationToken cancellation);

    /// <summary>Says something to whoever enters PINs.</summary>
    void Say(string text);
}
