using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Identities;

namespace TlsPool.Crypto.Certificates;

/// <summary>
/// A certification authority that vouches for certificates of a moment. Its private key stays where it is: what is to be signed is handed
/// out, and the signature put in later. Immutable; thread safe.
/// </summary>
public sealed class SigningAuthority
{
    private readonly X500DistinguishedName _name;
    private readonly X509AuthorityKeyIdentifierExtension? _keyIdentifier;
    private readonly AnchorSet _anchor;
    private readonly CertificateFacts _facts;
    private readonly int _scheme;
    private readonly byte[] _algorithm;

    private SigningAuthority(IReadOnlyList<ReadOnlyMemory<byte>> chain, KeyReference key)
    {
        using X509Certificate2 certificate = CertificateFacts.Load(chain[0].Span);
        _facts = CertificateFacts.Read(chain[0].Span);
        _name = certificate.SubjectName;
        Check(certificate);
        (_scheme, _algorithm) = SignatureOf(_facts);
        if (certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } identifier)
            _keyIdentifier = X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier);
        // Peers have the root, and only that.
        Chain = [.. chain.Where(der => !IsSelfIssued(der))];
        _anchor = new AnchorSet([chain[^1]]);
        Key = key;
        Id = $"{Convert.ToHexString(_facts.Fingerprint.Span)} {key}";
    }

    /// <summary>Its key.</summary>
    public KeyReference Key { get; }

    /// <summary>Its subject for people, escaped.</summary>
    public string Subject => _facts.Subject;

    /// <summary>What tells it from others: certificate and key.</summary>
    public string Id { get; }

    /// <summary>DER certificates that follow one that it made: its own first, without the root.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Chain { get; }

    /// <summary>Reads an authority.</summary>
    /// <param name="chain">DER certificates, its own first, then those above it; at least one.</param>
    /// <param name="key">Where its private key is.</param>
    /// <exception cref="CertificateException">It is no authority, or its key cannot sign certificates.</exception>
    public static SigningAuthority Read(IReadOnlyList<ReadOnlyMemory<byte>> chain, KeyReference key)
    {
        try
        {
            return new SigningAuthority(chain, key);
        }
        catch (CryptographicException exception)
        {
            throw new CertificateException("its certificate has a malformed extension, name or key", exception);
        }
    }

    /// <summary>Why it cannot sign at a time; null if it can.</summary>
    public string? UnfitAt(DateTimeOffset time) =>
        time < _facts.NotBefore ? $"the signing certificate of \"{Subject}\" is not valid before {_facts.NotBefore:u}"
        : time > _facts.NotAfter ? $"the signing certificate of \"{Subject}\" expired at {_facts.NotAfter:u}"
        : null;

    /// <summary>What its key has to sign for a certificate: TBSCertificate (RFC 5280 section 4.1.2), without any way to revoke it.</summary>
    /// <param name="identity">Whom it names.</param>
    /// <param name="usages">Extended key usages.</param>
    /// <param name="publicKey">DER of the subject's public key.</param>
    /// <param name="notBefore">Start of its validity.</param>
    /// <param name="notAfter">End of its validity.</param>
    public SignatureRequest Draft(
        DoNai identity, IReadOnlyList<string> usages, ReadOnlySpan<byte> publicKey, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        CertificateRequest request = CertificateIssuer.Request(publicKey, identity, usages);
        if (_keyIdentifier is not null)
            request.CertificateExtensions.Add(_keyIdentifier);
        var draft = new DraftGenerator(_algorithm);
        using X509Certificate2 unsigned = request.Create(_name, draft, notBefore, notAfter, CertificateIssuer.NewSerial());
        return new SignatureRequest(Key, _scheme, draft.Content);
    }

    /// <summary>Puts draft and signature together.</summary>
    /// <param name="draft">What <see cref="Draft"/> gave.</param>
    /// <param name="signature">The signature; DER for ECDSA.</param>
    /// <returns>The certificate in DER form.</returns>
    public byte[] Finish(SignatureRequest draft, ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(draft.Content.Span);
            writer.WriteEncodedValue(_algorithm);
            writer.WriteBitString(signature);
        }
        return writer.Encode();
    }

    /// <summary>Judges a certificate that it made as a peer who trusts the authority does: signature, dates, path length, names.</summary>
    /// <param name="certificate">What <see cref="Finish"/> gave.</param>
    /// <param name="role">The role of whoever shows it.</param>
    /// <param name="time">When.</param>
    /// <returns>Why a peer would refuse it; null if it is good.</returns>
    public string? Objection(ReadOnlyMemory<byte> certificate, TlsRole role, DateTimeOffset time)
    {
        PathVerdict verdict = PathValidator.Validate([certificate, .. Chain], role, _anchor, time);
        return verdict.Facts is null ? verdict.Reason : null;
    }

    private static void Check(X509Certificate2 certificate)
    {
        X509BasicConstraintsExtension? constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        if (constraints is not { CertificateAuthority: true })
            throw new CertificateException("it is no certification authority: basicConstraints lacks CA:TRUE");
        X509KeyUsageExtension? usage = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        if (usage is not null && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign))
            throw new CertificateException("it must not sign certificates: keyUsage lacks keyCertSign");
    }

    private static (int Scheme, byte[] Algorithm) SignatureOf(CertificateFacts facts)
    {
        foreach (int scheme in KeyAlgorithms.Of(facts.SubjectPublicKeyInfo)?.SignatureSchemes() ?? [])
        {
            if (TokenSignatureGenerator.AlgorithmOf(scheme) is { } algorithm)
                return (scheme, algorithm);
        }
        throw new CertificateException("its key makes no signature that certificates can carry");
    }

    private static bool IsSelfIssued(ReadOnlyMemory<byte> der)
    {
        using X509Certificate2 certificate = CertificateFacts.Load(der.Span);
        return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
    }

    /// <summary>Signs nothing, and keeps what was to be signed.</summary>
    private sealed class DraftGenerator(byte[] algorithm) : X509SignatureGenerator
    {
        internal byte[] Content { get; private set; } = [];

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => algorithm;

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        {
            Content = data;
            return [0];
        }

        protected override PublicKey BuildPublicKey() => throw new NotSupportedException("drafts bring their own public key");
    }
}
