using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Primitives;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Converts certificate chains between DER and BouncyCastle.</summary>
internal static class CertificateChain
{
    /// <summary>A credential's chain; parsed once and kept beside the credential.</summary>
    internal static Certificate Of(TlsContext context, Credential credential)
    {
        Parsed parsed = credential.EngineState as Parsed ?? Parse(credential);
        return TlsUtilities.IsTlsV13(context) ? parsed.For13 : parsed.For12;
    }

    /// <summary>A credential's own certificate; parsed once as well.</summary>
    internal static NativeCertificate Own(Credential credential)
    {
        Parsed parsed = credential.EngineState as Parsed ?? Parse(credential);
        return (NativeCertificate)parsed.For12.GetCertificateAt(0);
    }

    /// <summary>The DER certificates that a peer showed, its own first.</summary>
    internal static IReadOnlyList<ReadOnlyMemory<byte>> Der(Certificate? certificate)
    {
        if (certificate is null || certificate.IsEmpty)
            return [];
        var chain = new ReadOnlyMemory<byte>[certificate.Length];
        for (int i = 0; i < chain.Length; i++)
            chain[i] = certificate.GetCertificateAt(i).GetEncoded();
        return chain;
    }

    /// <summary>A chain for a resumed TLS 1.2 session.</summary>
    internal static Certificate? FromDer(EngineCrypto crypto, IReadOnlyList<ReadOnlyMemory<byte>> chain) =>
        chain.Count == 0
            ? null
            : new Certificate([.. chain.Select(der => crypto.CreateCertificate(CertificateType.X509, der.ToArray()))]);

    private static Parsed Parse(Credential credential)
    {
        var crypto = new EngineCrypto(new HandshakeTape());
        TlsCertificate[] certificates = [.. credential.Chain.Select(der => crypto.CreateCertificate(CertificateType.X509, der.ToArray()))];
        var parsed = new Parsed(
            new Certificate(CertificateType.X509, [], [.. certificates.Select(certificate => new CertificateEntry(certificate, null))]),
            new Certificate(certificates));
        credential.EngineState = parsed;
        return parsed;
    }

    private sealed record Parsed(Certificate For13, Certificate For12);
}
