using System.Diagnostics.CodeAnalysis;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes.Signing;

/// <summary>
/// What a signature is asked for, as a signer sees it who trusts the one that asks with handshakes only: a key that signs anything else, such
/// as a certificate, a token or a login, would be as good as given away. Immutable; holds nothing of the content.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Signer">Whose message it is.</param>
/// <param name="Version">The version of TLS.</param>
public sealed record HandshakeContent(HandshakeContentKind Kind, TlsRole Signer, TlsVersion Version)
{
    /// <summary>Longest content that is looked at, in bytes: only a TLS 1.2 client signs more than 165, all messages with both chains.</summary>
    public const int MaxSize = 128 * 1024;

    private const int Padding = 64;
    private const byte PaddingByte = 0x20;

    private static readonly HandshakeContent ServerVerify13 = new(HandshakeContentKind.ServerVerify13, TlsRole.Server, TlsVersion.Tls13);
    private static readonly HandshakeContent ClientVerify13 = new(HandshakeContentKind.ClientVerify13, TlsRole.Client, TlsVersion.Tls13);
    private static readonly HandshakeContent ServerKeyExchange12 = new(HandshakeContentKind.ServerKeyExchange12, TlsRole.Server, TlsVersion.Tls12);
    private static readonly HandshakeContent ClientVerify12 = new(HandshakeContentKind.ClientVerify12, TlsRole.Client, TlsVersion.Tls12);

    /// <summary>Looks at what is to be signed.</summary>
    /// <param name="request">The request; any content and scheme, none makes this throw.</param>
    /// <param name="read">What it is; null if it is none of a handshake.</param>
    /// <param name="refusal">Why it must not be signed, for the audit: nothing of the content is in it. Null if it may be.</param>
    /// <returns>True if it is of a handshake, under a scheme that its version has.</returns>
    public static bool TryRead(SignatureRequest request, [NotNullWhen(true)] out HandshakeContent? read, [NotNullWhen(false)] out string? refusal) =>
        TryRead(request.Scheme, request.Content.Span, out read, out refusal);

    /// <summary>Looks at what is to be signed.</summary>
    /// <param name="scheme">IANA SignatureScheme number.</param>
    /// <param name="content">The bytes to hash and sign.</param>
    /// <param name="read">What it is; null if it is none of a handshake.</param>
    /// <param name="refusal">Why it must not be signed; null if it may be.</param>
    public static bool TryRead(
        int scheme, ReadOnlySpan<byte> content, [NotNullWhen(true)] out HandshakeContent? read, [NotNullWhen(false)] out string? refusal)
    {
        (read, refusal) = (null, null);
        HandshakeContent? found = null;
        if (!EngineProfile.IsKnownScheme(scheme))
            refusal = $"signature scheme {scheme:x4} is none that handshakes are signed with here";
        else if (content.Length > MaxSize)
            refusal = $"{content.Length} bytes are more than any handshake signs";
        else if ((found = Find(content)) is null)
            refusal = $"the {content.Length} bytes to sign are no part of a TLS handshake";
        else if (!SignatureRules.MayUse(scheme, found.Version == TlsVersion.Tls13))
            refusal = $"signature scheme {scheme:x4} does not belong to {(found.Version == TlsVersion.Tls13 ? "TLS 1.3" : "TLS 1.2")}";
        else
            read = found;
        return read is not null;
    }

    // No content is two of them: the padding stands where ServerKeyExchange has its curve, and the messages up to a CertificateVerify are longer.
    private static HandshakeContent? Find(ReadOnlySpan<byte> content) =>
        IsVerify13(content, "TLS 1.3, server CertificateVerify\0"u8) ? ServerVerify13
        : IsVerify13(content, "TLS 1.3, client CertificateVerify\0"u8) ? ClientVerify13
        : ServerKeyExchangeContent.IsWhole(content) ? ServerKeyExchange12
        : ClientMessages12.AreWhole(content) ? ClientVerify12
        : null;

    private static bool IsVerify13(ReadOnlySpan<byte> content, ReadOnlySpan<byte> context)
    {
        // A transcript hash of SHA-256 or SHA-384: no suite has another (RFC 8446 section 4.4.1).
        int hash = content.Length - Padding - context.Length;
        return hash is 32 or 48
            && !content[..Padding].ContainsAnyExcept(PaddingByte)
            && content[Padding..].StartsWith(context);
    }
}
