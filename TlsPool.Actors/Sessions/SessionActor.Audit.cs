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

    private AuditEvent AboutSession(AuditKind kind, bool allowed, string reason) => new(kind, allowed, reason)
    {
        Application = _request.Application,
        Session = _number,
        LocalId = _request.Message.LocalId,
        RemoteId = _request.Message.RemoteId,
        Use = _request.Use,
    };
}
