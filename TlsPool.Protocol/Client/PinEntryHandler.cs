namespace TlsPool.Protocol.Client;

/// <summary>Asks the user for a PIN. An exception ends the service.</summary>
/// <param name="prompt">What to ask for.</param>
/// <param name="cancellation">The service's token.</param>
/// <returns>
/// The PIN, at most 127 bytes without NUL, in an array of its own: it is overwritten once it is sent. Empty if the user refuses.
/// </returns>
public delegate ValueTask<byte[]> PinEntryHandler(PinPrompt prompt, CancellationToken cancellation);
