using Org.BouncyCastle.Tls;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Gives messages that end too early, or have broken encodings in them, the alert that RFC 8446 section 6.2 wants.</summary>
internal static class MalformedMessages
{
    /// <summary>Handles a message.</summary>
    /// <exception cref="TlsFatalAlert">decode_error, or what the message deserves.</exception>
    internal static void Guard(Action handle)
    {
        try
        {
            handle();
        }
        catch (IOException exception) when (exception is not TlsException)
        {
            throw new TlsFatalAlert(AlertDescription.decode_error, exception);
        }
    }
}
