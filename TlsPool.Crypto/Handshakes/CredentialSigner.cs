using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Keys;

namespace TlsPool.Crypto.Handshakes;

/// <summary>A local credential as BouncyCastle wants it: it collects what is to be signed and asks for the signature.</summary>
#pragma warning disable CA1001 // a MemoryStream holds nothing to dispose of, and BouncyCastle never disposes a signer
internal sealed class CredentialSigner : TlsCredentialedSigner, TlsStreamSigner
#pragma warning restore CA1001
{
    private readonly HandshakeRun _run;
    private readonly int _scheme;
    private readonly MemoryStream _content = new(256);

    internal CredentialSigner(HandshakeRun run, TlsContext context, Credential credential, int scheme)
    {
        (_run, Credential, _scheme) = (run, credential, scheme);
        SignatureAndHashAlgorithm = SignatureScheme.GetSignatureAndHashAlgorithm(scheme);
        Certificate = CertificateChain.Of(context, credential);
    }

    internal Credential Credential { get; }

    public Certificate Certificate { get; }

    public SignatureAndHashAlgorithm SignatureAndHashAlgorithm { get; }

    public Stream Stream => _content;

    public TlsStreamSigner GetStreamSigner() => this;

    public byte[] GetSignature()
    {
        var request = new SignatureRequest(Credential.Key, _scheme, _content.ToArray());
        return _run.Ask<SignatureAnswer>(new SignatureQuestion(Credential, request)).Signature.ToArray();
    }

    public byte[] GenerateRawSignature(byte[] hash) => throw new TlsFatalAlert(AlertDescription.internal_error);
}
