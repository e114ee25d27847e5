using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>A TLS 1.2 session on the client, by session id or by ticket (RFC 5077).</summary>
internal sealed class ClientSession12(
    SessionParameters parameters,
    byte[] sessionId,
    byte[]? ticket,
    IReadOnlyList<ReadOnlyMemory<byte>> peerChain,
    Keys.Credential? credential) : ClientSession, IResumedCredential
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(2);

    public override TlsVersion Version => TlsVersion.Tls12;

    public override DateTimeOffset Expires { get; } = DateTimeOffset.UtcNow + Lifetime;

    public override int Size => (ticket?.Length ?? 0) + peerChain.Sum(der => der.Length);

    public override IReadOnlyList<ReadOnlyMemory<byte>> PeerChain => peerChain;

    public Keys.Credential? Credential => credential;

    internal byte[]? Ticket => ticket;

    internal int CipherSuite => parameters.CipherSuite;

    /// <summary>The session as BouncyCastle offers it. With a ticket, a made-up session id shows whether it was taken (RFC 5077 section 3.4).</summary>
    internal TlsSession ToResume() =>
        TlsUtilities.ImportSession(ticket is null ? sessionId : SHA256.HashData(ticket), parameters.Copy());

    internal ClientSession12 WithTicket(byte[]? renewed) => new(parameters, sessionId, renewed ?? ticket, peerChain, credential);
}
