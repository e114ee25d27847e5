using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TlsPool.Tests.Crypto;

/// <summary>Makes certificates of every kind, good and bad, for tests of validation.</summary>
internal sealed class TestAuthority
{
    private readonly X509SignatureGenerator _signer;

    private TestAuthority(byte[] certificate, X500DistinguishedName name, X509SignatureGenerator signer) =>
        (Certificate, Name, _signer) = (certificate, name, signer);

    /// <summary>Its DER certificate.</summary>
    internal byte[] Certificate { get; }

    internal X500DistinguishedName Name { get; }

    /// <summary>A root with its own key.</summary>
    internal static TestAuthority Root(string name = "Root", Order? order = null) => Make(new X500DistinguishedName($"CN={name}"), order ?? new Order(), issuer: null);

    /// <summary>An authority below this one.</summary>
    internal TestAuthority Sub(string name, Order? order = null) => Make(new X500DistinguishedName($"CN={name}"), order ?? new Order(), this);

    /// <summary>A certificate for this authority's key by another one: a cross certificate.</summary>
    internal byte[] CrossSignedBy(TestAuthority other, Order? order = null) => Request(Name, (order ?? new Order()) with { PublicKey = _signer.PublicKey }, out _)
        .Create(other.Name, other._signer, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30), Serial()).RawData;

    /// <summary>A server's or user's certificate, made as ordered.</summary>
    internal byte[] Issue(Order? order = null) => Make(new X500DistinguishedName("CN=leaf"), (order ?? new Order()) with { IsAuthority = false }, this).Certificate;

    /// <summary>The same name with another key.</summary>
    internal TestAuthority Impostor() => Make(Name, new Order(), issuer: null);

    private static TestAuthority Make(X500DistinguishedName name, Order order, TestAuthority? issuer)
    {
        CertificateRequest request = Request(name, order, out X509SignatureGenerator own);
        X509SignatureGenerator signer = issuer?._signer ?? own;
        using X509Certificate2 made = request.Create(
            issuer?.Name ?? name, order.Signer?.Invoke(signer) ?? signer, order.NotBefore, order.NotAfter, Serial());
        return new TestAuthority(made.RawData, name, own);
    }

    private static CertificateRequest Request(X500DistinguishedName name, Order order, out X509SignatureGenerator own)
    {
        own = order.RsaBits > 0
            ? new RsaSigner(RSA.Create(order.RsaBits))
            : X509SignatureGenerator.CreateForECDsa(ECDsa.Create(order.Curve));
        var request = new CertificateRequest(name, order.PublicKey ?? own.PublicKey, order.Hash);
        if (order.IsAuthority)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, order.PathLength is not null, order.PathLength ?? 0, critical: true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(order.Usage ?? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        }
        else
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (string dns in order.DnsNames)
                names.AddDnsName(dns);
            request.CertificateExtensions.Add(names.Build());
            if (order.Usage is { } usage)
                request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        }
        if (order.ExtendedUsages is { } usages)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], critical: false));
        foreach (X509Extension extension in order.Extensions)
            request.CertificateExtensions.Add(extension);
        return request;
    }

    private static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(12);
        serial[0] = 1;
        return serial;
    }

    /// <summary>What a certificate shall be like.</summary>
    internal sealed record Order
    {
        internal DateTimeOffset NotBefore { get; init; } = DateTimeOffset.UtcNow.AddDays(-1);

        internal DateTimeOffset NotAfter { get; init; } = DateTimeOffset.UtcNow.AddDays(30);

        internal bool IsAuthority { get; init; } = true;

        internal int? PathLength { get; init; }

        internal X509KeyUsageFlags? Usage { get; init; }

        internal IReadOnlyList<string>? ExtendedUsages { get; init; }

        internal IReadOnlyList<string> DnsNames { get; init; } = ["leaf.example"];

        internal IReadOnlyList<X509Extension> Extensions { get; init; } = [];

        internal int RsaBits { get; init; }

        internal ECCurve Curve { get; init; } = ECCurve.NamedCurves.nistP256;

        internal HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

        internal PublicKey? PublicKey { get; init; }

        /// <summary>Replaces what the issuer signs with.</summary>
        internal Func<X509SignatureGenerator, X509SignatureGenerator>? Signer { get; init; }
    }

    /// <summary>Signs as its issuer does, and spoils it.</summary>
    internal sealed class Spoiled(X509SignatureGenerator inner) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => inner.GetSignatureAlgorithmIdentifier(hashAlgorithm);

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => inner.SignData([.. data, 0], hashAlgorithm);

        protected override PublicKey BuildPublicKey() => inner.PublicKey;
    }

    /// <summary>Signs with hashes that .NET's own generator refuses, too.</summary>
    private sealed class RsaSigner(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1." + hashAlgorithm.Name switch { "MD5" => "4", "SHA1" => "5", _ => "11" });
                writer.WriteNull();
            }
            return writer.Encode();
        }

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, hashAlgorithm, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => new(key);
    }

    /// <summary>Says that it signs under another algorithm, and signs nothing.</summary>
    internal sealed class Pretended(string algorithm) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(algorithm);
            return writer.Encode();
        }

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => new byte[64];

        protected override PublicKey BuildPublicKey() => throw new NotSupportedException();
    }
}
