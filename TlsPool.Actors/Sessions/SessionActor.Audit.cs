using System.Globalization;
using TlsPool.Actors.Audit;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Pump;

namespace TlsPool.Actors.Sessions;

/// <content>What is recorded about a session: how its setup came out, signatures that were not made, who lost control, how it ended.</content>
public sealed partial class SessionActor
{
    private void RecordSetup(bool allowed, string reason) => _services.Audit.Record(AboutSession(AuditKind.SessionSetup, allowed, reason) with
    {
        Key = _bridge?.SigningKey?.Uri ?? "",
    });

    private void RecordNoSignature(KeyReference key, string reason) => _services.Audit.Record(AboutSession(AuditKind.KeyUse, allowed: false, reason) with
    {
        Key = key.Uri,
    });

    private void RecordControlLost(string reason) => _services.Audit.Record(AboutSession(AuditKind.SessionControl, allowed: true, reason));

    private void RecordEnd(SessionEnd end) => _services.Audit.Record(AboutSession(
        AuditKind.SessionEnd,
        allowed: true,
        string.Create(CultureInfo.InvariantCulture, $"{end.Reason}; {end.BytesToPlaintext} bytes received, {end.BytesToCiphertext} bytes sent")));

    private void RecordRenewal(SessionRenewal renewal, bool allowed, string reason) =>
        _services.Audit.Record(AboutSession(AuditKind.SessionRenewal, allowed, reason) with
        {
            Application = renewal.Asker is null ? null : renewal.Request.Application,
            Key = renewal.Bridge?.SigningKey?.Uri ?? "",
        });

    private AuditEvent AboutSession(AuditKind kind, bool allowed, string reason) => _request.Event(kind, allowed, reason) with { Session = _number };
}
