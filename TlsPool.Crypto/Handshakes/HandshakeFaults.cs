using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Turns the engine's exceptions into faults that people can read.</summary>
internal static class HandshakeFaults
{
    /// <param name="exception">What the engine threw.</param>
    /// <param name="refusal">Why this side refused, if it did.</param>
    internal static HandshakeFault From(Exception exception, string? refusal)
    {
        switch (exception)
        {
            case TlsFatalAlertReceived received:
                var alert = (AlertCode)received.AlertDescription;
                return new HandshakeFault(alert, FromPeer: true, $"the peer refused: {Describe(alert)}");
            case TlsFatalAlert fatal:
                var own = (AlertCode)fatal.AlertDescription;
                return new HandshakeFault(own, FromPeer: false, refusal ?? Describe(own));
            default:
                // Anything else that the peer's bytes could cause.
                return new HandshakeFault(AlertCode.InternalError, FromPeer: false, refusal ?? $"the handshake broke ({exception.GetType().Name})");
        }
    }

    private static string Describe(AlertCode alert) => alert switch
    {
        AlertCode.HandshakeFailure => "no common ground (handshake_failure): versions, cipher suites, groups or signatures do not match",
        AlertCode.ProtocolVersion => "no common protocol version (protocol_version)",
        AlertCode.InsufficientSecurity => "what was offered is too weak (insufficient_security)",
        AlertCode.UnknownCa => "the certificate's issuer is not trusted (unknown_ca)",
        AlertCode.BadCertificate => "the certificate is not acceptable (bad_certificate)",
        AlertCode.CertificateExpired => "the certificate has expired or is not valid yet (certificate_expired)",
        AlertCode.CertificateRevoked => "the certificate was revoked (certificate_revoked)",
        AlertCode.CertificateUnknown => "the certificate is not acceptable (certificate_unknown)",
        AlertCode.UnsupportedCertificate => "the certificate is of a kind that is not supported (unsupported_certificate)",
        AlertCode.CertificateRequired => "a certificate is required (certificate_required)",
        AlertCode.UnrecognizedName => "no such server name (unrecognized_name)",
        AlertCode.NoApplicationProtocol => "no common application protocol (no_application_protocol)",
        AlertCode.DecryptError => "a signature or Finished did not verify (decrypt_error)",
        AlertCode.BadRecordMac => "a record was damaged or forged (bad_record_mac)",
        AlertCode.DecodeError => "a message could not be decoded (decode_error)",
        AlertCode.IllegalParameter => "a message has an illegal value (illegal_parameter)",
        AlertCode.UnexpectedMessage => "a message came out of order (unexpected_message)",
        AlertCode.AccessDenied => "access denied (access_denied)",
        AlertCode.CloseNotify => "the connection was closed (close_notify)",
        AlertCode.UserCanceled => "the handshake was cancelled (user_canceled)",
        _ => $"alert {(byte)alert}",
    };
}
