using System.Security.Cryptography;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Crypto.Keys;

/// <summary>A certificate chain and the name of its private key. Immutable and shared between sessions.</summary>
public sealed class Credential
{
    private byte[]? _keyFingerprint;

    /// <summary>Creates a credential.</summary>
    /// <param name="identity">The DoNAI it stands for.</param>
    /// <param name="chain">DER certificates, own one first; at least one.</param>
    /// <param name="key">Where the private key is.</param>
    /// <param name="signatureSchemes">Schemes the key can make (IANA SignatureScheme numbers), best first; at least one.</param>
    public Credential(string identity, IReadOnlyList<ReadOnlyMemory<byte>> chain, KeyReference key, IReadOnlyList<int> signatureSchemes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(chain.Count);
        ArgumentOutOfRangeException.ThrowIfZero(signatureSchemes.Count);
        Identity = identity;
        Chain = chain;
        Key = key;
        SignatureSchemes = signatureSchemes;
        Fingerprint = SHA256.HashData(chain[0].Span);
    }

    /// <summary>The DoNAI it stands for: <c>domain</c> or <c>user@domain</c>.</summary>
    public string Identity { get; }

    /// <summary>DER certificates, own one first, without the root.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Chain { get; }

    /// <summary>SHA-256 of its own certificate.</summary>
    public ReadOnlyMemory<byte> Fingerprint { get; }

    /// <summary>
    /// SHA-256 of its public key, the SubjectPublicKeyInfo of its own certificate (RFC 5280 section 4.1.2.7): 32 bytes. The same on all hosts
    /// that have this key, whatever they call it. Computed when it is asked for, and kept.
    /// </summary>
    /// <exception cref="CertificateException">The certificate is malformed.</exception>
    public ReadOnlyMemory<byte> KeyFingerprint => _keyFingerprint ??= SHA256.HashData(CertificateFacts.Read(Chain[0].Span).SubjectPublicKeyInfo.Span);

    /// <summary>Where the private key is.</summary>
    public KeyReference Key { get; }

    /// <summary>Schemes the key can make (IANA SignatureScheme numbers), best first.</summary>
    public IReadOnlyList<int> SignatureSchemes { get; }

    /// <summary>What the engine keeps beside the chain, such as parsed certificates.</summary>
    internal object? EngineState { get; set; }
}
