using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.LocalIds;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Connections;

/// <content>LIDENTRY of a connection.</content>
public sealed partial class ConnectionActor
{
    private void Register(ushort requestId, LidEntryMessage offer)
    {
        uint user = _application.UserId;
        // Whoever chooses for others learns with whom they talk.
        if (_services.Policy.LocalIdProgramUsers?.Contains(user) == false)
        {
            _log.LogWarning("uid {Uid}, pid {Pid} may not choose local identities: see localid_program_users", user, _application.ProcessId);
            _services.Audit.Record(new AuditEvent(AuditKind.EntryProgram, Allowed: false, "may not choose local identities: localid_program_users")
            {
                Application = _application,
            });
            Respond(requestId, new PoolFault(PoolError.LidEntryNotVacant, $"uid {user} may not choose local identities: localid_program_users"));
            return;
        }
        _openRequests++;
        _isEntryProgram = true;
        _receiver.Retain();
        _services.LocalIds.Tell(new LocalIdProtocol.Register(offer.Flags, offer.Timeout, _application, Self, requestId));
    }
}
