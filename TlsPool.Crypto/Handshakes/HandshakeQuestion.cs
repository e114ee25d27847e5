using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Something a handshake must know to go on. Immutable; answered by a <see cref="HandshakeAnswer"/> at once or later.</summary>
public abstract record HandshakeQuestion;

/// <summary>Which credentials may be shown to the peer?</summary>
/// <param name="Role">The local role.</param>
/// <param name="Version">The negotiated version.</param>
/// <param name="ServerName">Server: the SNI that was sent (RFC 6066 section 3), lower case, or null. Client: null.</param>
/// <param name="PeerSchemes">Signature schemes the peer accepts (IANA numbers), its order.</param>
/// <param name="Authorities">DER names of the issuers the peer accepts; empty if it does not say.</param>
public sealed record CredentialQuestion(
    TlsRole Role,
    TlsVersion Version,
    string? ServerName,
    IReadOnlyList<int> PeerSchemes,
    IReadOnlyList<ReadOnlyMemory<byte>> Authorities) : HandshakeQuestion;

/// <summary>What is the signature over this content?</summary>
/// <param name="Credential">The credential chosen before.</param>
/// <param name="Request">What to sign.</param>
public sealed record SignatureQuestion(Credential Credential, SignatureRequest Request) : HandshakeQuestion;

/// <summary>May this peer pass?</summary>
/// <param name="Role">The local role.</param>
/// <param name="Chain">The peer's DER certificates, its own first; empty if it showed none.</param>
/// <param name="OcspStaple">The stapled OCSP response (RFC 6066 section 8), or empty.</param>
/// <param name="Resumed">True if the chain comes from a resumed session and not from the wire.</param>
public sealed record PeerQuestion(
    TlsRole Role,
    IReadOnlyList<ReadOnlyMemory<byte>> Chain,
    ReadOnlyMemory<byte> OcspStaple,
    bool Resumed) : HandshakeQuestion;
