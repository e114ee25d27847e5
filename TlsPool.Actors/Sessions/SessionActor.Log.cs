using Microsoft.Extensions.Logging;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;

namespace TlsPool.Actors.Sessions;

/// <content>The lines a session writes: one when it is set up or fails, one when it ends.</content>
public sealed partial class SessionActor
{
    private void LogShaken(long number, HandshakeOutcome outcome)
    {
        if (!_services.Log.IsEnabled(LogLevel.Information))
            return;
        _services.Log.LogInformation(
            "session {Number}: {Role} {LocalId} with {RemoteId} (uid {Uid}, pid {Pid}, service {Service}): {Parameters}",
            number,
            TlsNames.Role(outcome.Role),
            OrDash(_request.Message.LocalId),
            OrDash(_request.Message.RemoteId),
            _request.Application.UserId,
            _request.Application.ProcessId,
            OrDash(_request.Message.Service),
            _parameters);
    }

    private void LogNotShaken(long number, HandshakeFault fault) =>
        _services.Log.LogWarning(
            "session {Number}: handshake failed (uid {Uid}, pid {Pid}, local {LocalId}, asked for {RemoteId}): {Reason} (alert {Alert} {Direction})",
            number,
            _request.Application.UserId,
            _request.Application.ProcessId,
            OrDash(_request.Message.LocalId),
            OrDash(_request.Message.RemoteId),
            fault.Reason,
            fault.Alert,
            fault.FromPeer ? "received" : "sent");

    private void LogSigningFailed(long number, KeyReference key, string reason)
    {
        RecordNoSignature(key, reason);
        _services.Log.LogError("session {Number}: no signature: {Reason}", number, reason);
    }

    private void LogRenewed(long number, SessionRenewal renewal, string how)
    {
        RecordRenewal(renewal, allowed: true, how);
        _services.Log.LogInformation(
            "session {Number}: renewed at the {Side}'s wish: {LocalId} with {RemoteId}: {How}",
            number,
            renewal.Asker is null ? "peer" : "application",
            OrDash(_request.Message.LocalId),
            OrDash(_request.Message.RemoteId),
            how);
    }

    private void LogNotRenewed(long number, string reason)
    {
        RecordRenewal(_renewal!, allowed: false, reason);
        _services.Log.LogWarning("session {Number}: not renewed: {Reason}", number, reason);
    }

    private void LogOrphaned(long number) =>
        _services.Log.LogInformation("session {Number}: its controlling connection closed, so it ends", number);

    private void LogEnded(long number, SessionEnd end)
    {
        // Peers that leave without a word are everyday; a record that is wrong is not.
        LogLevel level = end.Alert is null or AlertCode.CloseNotify ? LogLevel.Information : LogLevel.Warning;
        if (!_services.Log.IsEnabled(level))
            return;
        _services.Log.Log(
            level,
            "session {Number}: ended: {Reason}{Alert}, {Received} bytes received, {Sent} bytes sent",
            number,
            end.Reason,
            end.Alert is { } alert ? $" ({alert})" : "",
            end.BytesToPlaintext,
            end.BytesToCiphertext);
    }

    private static string OrDash(string text) => text.Length == 0 ? "-" : text;
}
