using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Validation;

/// <summary>Outcome of path validation. Immutable.</summary>
/// <param name="Facts">What the peer's certificate says; null if refused.</param>
/// <param name="Alert">If refused: the alert for the peer.</param>
/// <param name="Reason">If refused: why; names are escaped.</param>
internal sealed record PathVerdict(CertificateFacts? Facts, AlertCode Alert, string Reason)
{
    internal static PathVerdict Accept(CertificateFacts facts) => new(facts, AlertCode.CloseNotify, "");

    internal static PathVerdict Refuse(AlertCode alert, string reason) => new(null, alert, reason);
}
