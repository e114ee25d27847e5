using System.Security.Cryptography;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Secrets of a TLS 1.3 session.</summary>
internal sealed class SessionSecrets13(HashAlgorithmName hash, byte[] exporterMaster, ReadOnlyMemory<byte> serverCertificate) : SessionSecrets
{
    /// <summary>RFC 9266 and RFC 5929: TLS 1.3 has no tls-unique.</summary>
    public override ReadOnlyMemory<byte>? TlsUnique => null;

    public override ReadOnlyMemory<byte>? TlsServerEndPoint => ServerEndPoint.Of(serverCertificate);

    public override void Export(ReadOnlySpan<byte> label, byte[]? context, Span<byte> destination)
    {
        int size = exporterMaster.Length;
        Span<byte> digest = stackalloc byte[size];
        Span<byte> secret = stackalloc byte[size];
        CryptographicOperations.HashData(hash, [], digest);
        TrafficSecret.ExpandLabel(hash, exporterMaster, label, digest, secret);
        CryptographicOperations.HashData(hash, context ?? [], digest);
        TrafficSecret.ExpandLabel(hash, secret, "exporter"u8, digest, destination);
        CryptographicOperations.ZeroMemory(secret);
    }

    public override void Dispose() => CryptographicOperations.ZeroMemory(exporterMaster);
}
