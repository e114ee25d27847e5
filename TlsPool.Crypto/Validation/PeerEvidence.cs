using TlsPool.Crypto.Handshakes;

namespace TlsPool.Crypto.Validation;

/// <summary>What is known about a peer when it is judged. Immutable.</summary>
/// <param name="LocalRole">The local role: a client judges a server and the other way round.</param>
/// <param name="Chain">The peer's DER certificates, its own first; at least one.</param>
/// <param name="OcspStaple">Stapled OCSP response, or empty.</param>
/// <param name="RequestedRemoteId">The DoNAI the application asked for, or empty.</param>
/// <param name="DomainRepresentsUser">True if a domain may stand for its users.</param>
/// <param name="LocalId">The local identity, or empty.</param>
/// <param name="Service">IANA service name, or empty.</param>
/// <param name="IgnoreCaches">True to judge afresh.</param>
public sealed record PeerEvidence(
    TlsRole LocalRole,
    IReadOnlyList<ReadOnlyMemory<byte>> Chain,
    ReadOnlyMemory<byte> OcspStaple,
    string RequestedRemoteId,
    bool DomainRepresentsUser,
    string LocalId,
    string Service,
    bool IgnoreCaches);
