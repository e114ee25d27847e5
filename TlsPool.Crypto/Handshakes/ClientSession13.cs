using System.Security.Cryptography;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>A TLS 1.3 ticket with its PSK, on the client (RFC 8446 section 4.6.1).</summary>
internal sealed class ClientSession13(
    byte[] ticket,
    byte[] secret,
    HashAlgorithmName hash,
    uint ageAdd,
    DateTimeOffset received,
    TimeSpan lifetime,
    IReadOnlyList<ReadOnlyMemory<byte>> peerChain,
    Keys.Credential? credential) : ClientSession, IResumedCredential
{
    public override TlsVersion Version => TlsVersion.Tls13;

    public override DateTimeOffset Expires => received + lifetime;

    public override int Size => ticket.Length + peerChain.Sum(der => der.Length);

    public override IReadOnlyList<ReadOnlyMemory<byte>> PeerChain => peerChain;

    public Keys.Credential? Credential => credential;

    internal byte[] Ticket => ticket;

    internal HashAlgorithmName Hash => hash;

    internal byte[] CopySecret() => secret.AsSpan().ToArray();

    internal uint ObfuscatedAge(DateTimeOffset now) => unchecked((uint)(long)(now - received).TotalMilliseconds + ageAdd);
}
