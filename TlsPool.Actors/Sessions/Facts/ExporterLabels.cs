using System.Collections.Frozen;
using System.Text;

namespace TlsPool.Actors.Sessions.Facts;

/// <summary>
/// Labels that applications may export keying material for: the IANA registry "TLS Exporter Labels" without those of TLS itself, and all that
/// start with EXPERIMENTAL (RFC 5705 section 4). Others could be somebody else's keys.
/// </summary>
internal static class ExporterLabels
{
    private static readonly FrozenSet<string> Registered = new[]
    {
        "client EAP encryption",
        "ttls keying material",
        "ttls challenge",
        "EXTRACTOR-dtls_srtp",
        "EXPORTER_DTLS_OVER_SCTP",
        "EXPORTER-ETSI-TC-M2M-Bootstrap",
        "EXPORTER-ETSI-TC-M2M-Connection",
        "TLS_MK_Extr",
        "EXPORTER_GBA_Digest",
        "EXPORTER: teap session key seed",
        "EXPORTER-oneM2M-Bootstrap",
        "EXPORTER-oneM2M-Connection",
        "EXPORTER-Token-Binding",
        "EXPORTER-BBF-USP-Record",
        "EXPORTER-network-time-security",
        "EXPORTER_EAP_TLS_Key_Material",
        "EXPORTER_EAP_TLS_Method-Id",
        "EXPORTER-client authenticator handshake context",
        "EXPORTER-server authenticator handshake context",
        "EXPORTER-client authenticator finished key",
        "EXPORTER-server authenticator finished key",
        "EXPORTER-Channel-Binding",
        "EXPORTER-ACE-MQTT-Sign-Challenge",
        "EXPORTER-HTTP-Concealed-Authentication",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>True for a label that applications may use.</summary>
    internal static bool Allows(ReadOnlySpan<byte> label) =>
        label.StartsWith("EXPERIMENTAL"u8) || (Ascii.IsValid(label) && Registered.Contains(Encoding.ASCII.GetString(label)));
}
