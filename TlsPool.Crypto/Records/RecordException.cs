namespace TlsPool.Crypto.Records;

/// <summary>A record or message that ends the session. Carries the alert to send and a text without any secret.</summary>
public sealed class RecordException : Exception
{
    /// <summary>Creates the exception.</summary>
    public RecordException(AlertCode alert, string message)
        : base(message) => Alert = alert;

    /// <summary>The fatal alert that the peer is owed.</summary>
    public AlertCode Alert { get; }
}
