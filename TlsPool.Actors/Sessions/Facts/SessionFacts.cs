using System.Security.Cryptography;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions.Facts;

/// <summary>Answers PRNG and INFO about a session (behaviour.md) from what its last handshake left. Immutable; holds secrets, and owns none.</summary>
/// <param name="secrets">Exporter and channel bindings.</param>
/// <param name="version">Version of TLS.</param>
/// <param name="peerCertificate">The peer's own certificate; empty if it showed none.</param>
/// <param name="ownCertificate">The local one; empty if none was shown.</param>
internal sealed class SessionFacts(
    SessionSecrets secrets, TlsVersion version, ReadOnlyMemory<byte> peerCertificate, ReadOnlyMemory<byte> ownCertificate)
{
    /// <summary>Bytes of the binding tls-exporter (RFC 9266 section 4.2).</summary>
    private const int TlsExporterSize = 32;

    /// <summary>HkdfLabel has room for 255 bytes with "tls13 " (RFC 8446 section 7.1).</summary>
    private const int MaxLabel13 = 255 - 6;

    /// <summary>What is wrong with a PRNG whose lengths do not go together.</summary>
    internal static string WrongLengths => $"label, context and result have 0 to {PrngMessage.MaxLength} bytes each, and have to fit";

    /// <summary>The answer to PRNG; null with a reason if there is none.</summary>
    internal PrngMessage? Export(PrngMessage request, out string reason)
    {
        reason = "";
        if (!request.TryReadRequest(out _, out ReadOnlyMemory<byte> label, out ReadOnlyMemory<byte>? context))
            reason = WrongLengths;
        else if (!ExporterLabels.Allows(label.Span))
            reason = "the label is neither registered with IANA for applications, nor does it start with EXPERIMENTAL";
        else if (version == TlsVersion.Tls13 && label.Length > MaxLabel13)
            reason = $"in TLS 1.3 a label has at most {MaxLabel13} bytes";
        else if (!secrets.MayExport)
            reason = "the peer lacks the extended master secret (RFC 7627): nothing may be exported";
        if (reason.Length > 0)
            return null;
        byte[] keys = GC.AllocateArray<byte>(request.PrngLength, pinned: true);
        secrets.Export(label.Span, context?.ToArray(), keys);
        return new PrngMessage(request.In1Length, request.In2Length, request.PrngLength, keys);
    }

    /// <summary>The answer to INFO; null with a fault if there is none.</summary>
    internal InfoMessage? Find(InfoMessage request, out PoolFault? fault)
    {
        fault = null;
        bool asks = request.Length == InfoMessage.Query;
        ReadOnlyMemory<byte> given = asks || request.Length > request.Buffer.Length ? default : request.Buffer[..request.Length];
        try
        {
            if (request.Kind is InfoKind.PeerCertSubjectAltName or InfoKind.MyCertSubjectAltName)
            {
                ReadOnlyMemory<byte> certificate = request.Kind == InfoKind.PeerCertSubjectAltName ? peerCertificate : ownCertificate;
                if (!asks && !given.IsEmpty && !certificate.IsEmpty && CertificateNames.HasAltName(certificate, given))
                    return new InfoMessage(request.ControlKey, request.Kind, request.Length, given);
                fault = new PoolFault(PoolError.InfoNotFound, asks ? "a subjectAltName can be checked, and not asked for" : "");
                return null;
            }
            if (!TryFind(request.Kind, out ReadOnlyMemory<byte>? value))
                fault = new PoolFault(PoolError.InfoKindUnknown);
            else if (value is not { IsEmpty: false } fact)
                fault = new PoolFault(PoolError.InfoNotFound, "the session has nothing of that kind");
            else if (fact.Length > InfoMessage.BufferSize)
                fault = new PoolFault(PoolError.InfoNotFound, $"it does not fit: it has more than {InfoMessage.BufferSize} bytes");
            else if (!asks && !CryptographicOperations.FixedTimeEquals(given.Span, fact.Span))
                fault = new PoolFault(PoolError.InfoNotFound, "the value is another one");
            else
                return new InfoMessage(request.ControlKey, request.Kind, (ushort)fact.Length, fact);
        }
        catch (CertificateException exception)
        {
            fault = new PoolFault(PoolError.InfoNotFound, exception.Message);
        }
        return null;
    }

    private bool TryFind(InfoKind kind, out ReadOnlyMemory<byte>? value)
    {
        (bool known, value) = kind switch
        {
            InfoKind.PeerCertSubject => (true, peerCertificate.IsEmpty ? null : CertificateNames.Subject(peerCertificate)),
            InfoKind.PeerCertIssuer => (true, peerCertificate.IsEmpty ? null : CertificateNames.Issuer(peerCertificate)),
            InfoKind.MyCertSubject => (true, ownCertificate.IsEmpty ? null : CertificateNames.Subject(ownCertificate)),
            InfoKind.MyCertIssuer => (true, ownCertificate.IsEmpty ? null : CertificateNames.Issuer(ownCertificate)),
            InfoKind.ChannelBindingTlsUnique => (true, secrets.TlsUnique),
            InfoKind.ChannelBindingTlsServerEndPoint => (true, secrets.TlsServerEndPoint),
            InfoKind.ChannelBindingTlsExporter => (true, TlsExporter()),
            _ => (false, (ReadOnlyMemory<byte>?)null),
        };
        return known;
    }

    private ReadOnlyMemory<byte>? TlsExporter()
    {
        if (!secrets.MayExport)
            return null;
        byte[] binding = new byte[TlsExporterSize];
        secrets.Export("EXPORTER-Channel-Binding"u8, [], binding);
        return binding;
    }
}
