namespace TlsPool.Actors.Storage;

/// <summary>A certificate that is trusted by itself. Immutable.</summary>
/// <param name="Fingerprint">Its SHA-256.</param>
/// <param name="Certificate">Its DER form.</param>
/// <param name="Source">Where it came from, such as a file's name.</param>
public sealed record TrustAnchor(ReadOnlyMemory<byte> Fingerprint, ReadOnlyMemory<byte> Certificate, string Source);
