namespace TlsPool.Protocol.Frames;

/// <summary>No body: SUCCESS, and commands whose body this side does not look at. Encoded as zeros.</summary>
public sealed record EmptyMessage : Message
{
    /// <summary>The one instance.</summary>
    public static EmptyMessage Instance { get; } = new();
}
