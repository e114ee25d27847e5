using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>A self-signed P-256 identity that answers a machine's questions, at once or when it is asked again.</summary>
internal sealed class FuzzIdentity
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal FuzzIdentity()
    {
        var request = new CertificateRequest("CN=localhost", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(CertificatesTarget.Time.AddYears(-5), CertificatesTarget.Time.AddYears(50));
        Certificate = made.RawData;
        Credential = new Credential("localhost", [Certificate], new KeyReference("fuzz:key"), [0x0403]);
    }

    internal byte[] Certificate { get; }

    internal Credential Credential { get; }

    internal byte[] Sign(ReadOnlySpan<byte> content) => _key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    internal byte[] SignHash(byte[] hash) => _key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>Answers questions.</summary>
    /// <param name="later">True to suspend the handshake at each question.</param>
    internal Answers Answering(bool later) => new(this, later);

    internal sealed class Answers(FuzzIdentity identity, bool later) : IHandshakeAnswers
    {
        public HandshakeAnswer? TryAnswer(HandshakeQuestion question) => later ? null : Answer(question);

        internal HandshakeAnswer Answer(HandshakeQuestion question) => question switch
        {
            CredentialQuestion => new CredentialAnswer([identity.Credential]),
            SignatureQuestion signature => new SignatureAnswer(identity.Sign(signature.Request.Content.Span)),
            PeerQuestion => new PeerAcceptedAnswer(),
            _ => new RefusalAnswer(AlertCode.InternalError, "no such question"),
        };
    }
}
