using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Answer to a <see cref="HandshakeQuestion"/>.</summary>
public abstract record HandshakeAnswer;

/// <summary>Credentials in order of preference; the engine takes the first that the peer can use. Empty for a client: go without.</summary>
public sealed record CredentialAnswer(IReadOnlyList<Credential> Credentials) : HandshakeAnswer;

/// <summary>A signature: DER for ECDSA, raw for the others.</summary>
public sealed record SignatureAnswer(ReadOnlyMemory<byte> Signature) : HandshakeAnswer;

/// <summary>The peer may pass.</summary>
public sealed record PeerAcceptedAnswer : HandshakeAnswer;

/// <summary>The handshake must end.</summary>
/// <param name="Alert">The fatal alert the peer gets.</param>
/// <param name="Reason">For the log and the application; no secret.</param>
public sealed record RefusalAnswer(AlertCode Alert, string Reason) : HandshakeAnswer;
