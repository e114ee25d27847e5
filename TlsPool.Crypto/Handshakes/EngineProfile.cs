using System.Runtime.CompilerServices;
using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>A <see cref="HandshakeSettings"/> in the form BouncyCastle asks for it, made once per settings.</summary>
internal sealed class EngineProfile
{
    private static readonly ConditionalWeakTable<HandshakeSettings, EngineProfile> Profiles = [];

    private static readonly int[] DefaultSuites =
    [
        CipherSuite.TLS_AES_128_GCM_SHA256,
        CipherSuite.TLS_AES_256_GCM_SHA384,
        CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    private static readonly int[] DefaultGroups =
        [NamedGroup.X25519MLKEM768, NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1];

    private static readonly int[] DefaultSchemes =
    [
        SignatureScheme.ecdsa_secp256r1_sha256,
        SignatureScheme.ecdsa_secp384r1_sha384,
        SignatureScheme.ecdsa_secp521r1_sha512,
        SignatureScheme.ed25519,
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.rsa_pss_rsae_sha384,
        SignatureScheme.rsa_pss_rsae_sha512,
        SignatureScheme.mldsa44,
        SignatureScheme.mldsa65,
        SignatureScheme.mldsa87,
        SignatureScheme.rsa_pkcs1_sha256,
        SignatureScheme.rsa_pkcs1_sha384,
        SignatureScheme.rsa_pkcs1_sha512,
    ];

    private EngineProfile(HandshakeSettings settings)
    {
        IReadOnlyList<int> suites = settings.CipherSuites ?? DefaultSuites;
        bool with12 = settings.MinVersion <= TlsVersion.Tls12 && suites.Any(suite => !IsSuite13(suite));
        bool with13 = settings.MaxVersion >= TlsVersion.Tls13 && suites.Any(IsSuite13);
        Versions = with12 && with13 ? ProtocolVersion.TLSv13.DownTo(ProtocolVersion.TLSv12)
            : with13 ? ProtocolVersion.TLSv13.Only()
            : ProtocolVersion.TLSv12.Only();
        Suites = [.. suites.Where(suite => IsSuite13(suite) ? with13 : with12)];
        Groups = [.. settings.Groups ?? DefaultGroups];
        Schemes = [.. settings.SignatureSchemes ?? DefaultSchemes];
        SignatureAlgorithms = [.. Schemes.Select(SignatureScheme.GetSignatureAndHashAlgorithm)];
        SignatureAlgorithms13 = [.. Schemes.Where(scheme => !IsPkcs1(scheme)).Select(SignatureScheme.GetSignatureAndHashAlgorithm)];
        // The best group, and the best classical one in case that the peer does not know it: no second round trip with either.
        int classical = Array.FindIndex(Groups, group => group is NamedGroup.x25519 or NamedGroup.secp256r1 or NamedGroup.secp384r1);
        EarlyGroups = classical <= 0 ? [Groups[0]] : [Groups[0], Groups[classical]];
    }

    internal ProtocolVersion[] Versions { get; }

    internal int[] Suites { get; }

    internal int[] Groups { get; }

    internal int[] EarlyGroups { get; }

    internal int[] Schemes { get; }

    internal IList<SignatureAndHashAlgorithm> SignatureAlgorithms { get; }

    internal IList<SignatureAndHashAlgorithm> SignatureAlgorithms13 { get; }

    /// <summary>True if a session may go on under this policy.</summary>
    internal bool Speaks(ClientSession session) => session switch
    {
        ClientSession13 with13 => Suites.Any(suite => IsSuite13(suite) && CipherSuiteInfo.For(suite).Hash == with13.Hash),
        ClientSession12 with12 => Suites.Contains(with12.CipherSuite),
        _ => false,
    };

    internal static EngineProfile For(HandshakeSettings settings) => Profiles.GetValue(settings, made => new EngineProfile(made));

    internal static bool IsSuite13(int suite) => CipherSuiteNames.IsTls13(suite);

    /// <summary>The suite of a precursor; BouncyCastle has no anonymous one that is better.</summary>
    internal const int AnonymousSuite = CipherSuite.TLS_ECDH_anon_WITH_AES_128_CBC_SHA;

    /// <summary>True for a suite without certificates.</summary>
    internal static bool IsAnonymous(int suite) => suite == AnonymousSuite;

    /// <summary>The suites with the anonymous one before those of TLS 1.2.</summary>
    internal int[] SuitesWithPrecursor => Suites.All(IsSuite13) ? Suites : [.. Suites.Where(IsSuite13), AnonymousSuite, .. Suites.Where(suite => !IsSuite13(suite))];

    /// <summary>True for a scheme that this engine makes and checks at all.</summary>
    internal static bool IsKnownScheme(int scheme) => DefaultSchemes.Contains(scheme);

    internal static bool IsPkcs1(int scheme) =>
        scheme is SignatureScheme.rsa_pkcs1_sha256 or SignatureScheme.rsa_pkcs1_sha384 or SignatureScheme.rsa_pkcs1_sha512;
}
