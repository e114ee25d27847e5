using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Validation;

/// <summary>Outcome of path validation. Immutable.</summary>
/// <param name="Facts">What the peer's certificate says; null if refused.</param>
/// <param name="Alert">If refused: the alert for the peer.</param>
/// <param name="Reason">If refused: why; names are escaped.</param>
/// <param name="ValidUntil">If accepted: when the first certificate of the path expires.</param>
internal sealed record PathVerdict(CertificateFacts? Facts, AlertCode Alert, string Reason, DateTimeOffset ValidUntil = default)
{
    internal static PathVerdict Accept(CertificateFacts facts, DateTimeOffset validUntil) => new(facts, AlertCode.CloseNotify, "", validUntil);

    internal static PathVerdict Refuse(AlertCode alert, string reason) => new(null, alert, reason);
}
