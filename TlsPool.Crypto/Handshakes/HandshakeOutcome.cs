using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What a handshake leaves behind once the protocol object is dropped.</summary>
public sealed class HandshakeOutcome
{
    /// <summary>The local role.</summary>
    public required TlsRole Role { get; init; }

    /// <summary>Negotiated version.</summary>
    public required TlsVersion Version { get; init; }

    /// <summary>Negotiated cipher suite (IANA number).</summary>
    public required int CipherSuite { get; init; }

    /// <summary>Key exchange group (IANA number), 0 if none took part (plain PSK resumption in 1.2).</summary>
    public required int Group { get; init; }

    /// <summary>ALPN name, or null.</summary>
    public string? ApplicationProtocol { get; init; }

    /// <summary>SNI that the client sent, or null.</summary>
    public string? ServerName { get; init; }

    /// <summary>True if an earlier session was resumed.</summary>
    public bool Resumed { get; init; }

    /// <summary>True if RFC 7627 protects the master secret (always in 1.3).</summary>
    public bool ExtendedMasterSecret { get; init; }

    /// <summary>True if a renegotiation would be secure: TLS 1.2 with RFC 5746 and RFC 7627.</summary>
    public bool MayRenegotiate { get; init; }

    /// <summary>True if nobody has shown anything: <see cref="HandshakeRequest.Precursor"/>.</summary>
    public bool IsAnonymous => EngineProfile.IsAnonymous(CipherSuite);

    /// <summary>The local credential shown, or null.</summary>
    public Credential? Credential { get; init; }

    /// <summary>The peer's chain, own certificate first; empty if none.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> PeerChain { get; init; }

    /// <summary>Stapled OCSP response, or empty.</summary>
    public ReadOnlyMemory<byte> OcspStaple { get; init; }

    /// <summary>Protects outgoing records. The taker disposes.</summary>
    public required RecordSealer Sealer { get; init; }

    /// <summary>Opens incoming records. The taker disposes.</summary>
    public required RecordOpener Opener { get; init; }

    /// <summary>Most content bytes that the peer takes in one record: 512 to 16384.</summary>
    public int MaxContent { get; init; } = RecordSealer.MaxContent;

    /// <summary>Exporters, channel bindings and what later renewal needs.</summary>
    public required SessionSecrets Secrets { get; init; }

    /// <summary>Handles handshake messages that come after the handshake.</summary>
    public required IPostHandshake PostHandshake { get; init; }

    /// <summary>Handshake messages (NewSessionTicket) to seal in front of the first data; null if none.</summary>
    public byte[]? FirstMessages { get; init; }
}
