using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Client;

/// <summary>What to do about a <see cref="LocalIdProposal"/>.</summary>
public sealed class LocalIdAnswer
{
    private LocalIdAnswer(string? localId, SafeDescriptor? plaintext) => (LocalId, Plaintext) = (localId, plaintext);

    /// <summary>Not this one: the pool goes on to its next candidate, or fails.</summary>
    public static LocalIdAnswer Reject { get; } = new("", null);

    /// <summary>The identity to use instead; null for the proposed one, empty for none.</summary>
    internal string? LocalId { get; }

    internal SafeDescriptor? Plaintext { get; }

    /// <summary>Use it.</summary>
    /// <param name="plaintext">The plaintext descriptor, handed over; null to be asked for it when the handshake is done.</param>
    public static LocalIdAnswer Accept(SafeDescriptor? plaintext = null) => new(null, plaintext);

    /// <summary>Use another one.</summary>
    /// <param name="localId">A domain or user@domain, at most 127 bytes.</param>
    /// <param name="plaintext">As for <see cref="Accept"/>.</param>
    public static LocalIdAnswer Change(string localId, SafeDescriptor? plaintext = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(localId);
        return new LocalIdAnswer(localId, plaintext);
    }
}
