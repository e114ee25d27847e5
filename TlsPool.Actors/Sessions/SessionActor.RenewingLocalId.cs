using Akka.Actor;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Disclosure;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions;

/// <content>Whom to be from a renewal on: by the same rules as at the beginning, as they are now.</content>
public sealed partial class SessionActor
{
    /// <summary>Why a renewal cannot have the local identity that it wants.</summary>
    private PoolFault? RefusedNewLocalId(SessionRenewal renewal) =>
        RefusedLocalId(renewal.Request, renewal.Gate)
        ?? (NotDisclosed(renewal.Request, renewal.Gate, renewal.Request.Message.LocalId) is { } reason ? new PoolFault(PoolError.ConnectionDriverSetup, reason) : null);

    private bool MayStillShow(string localId)
    {
        if (localId.Length == 0 || _gate.Refuse(localId) is not null)
            return false;
        if (_choice is not null)
            return true;
        DisclosureDecision decision = _gate.Disclose(localId);
        return decision.Allowed && string.Equals(decision.LocalId, localId, StringComparison.OrdinalIgnoreCase);
    }

    private void ProposeForRenewal(SessionRenewal renewal)
    {
        if (renewal.Proposals!.Next() is not { } candidate)
        {
            _pump!.Answer(renewal.Proposals.WhenExhausted());
            return;
        }
        if (renewal.AskerIsGone)
        {
            RefuseToChoose(renewal, new PoolFault(PoolError.ClientDisconnect));
            return;
        }
        renewal.IsProposing = true;
        StartTlsMessage proposal = renewal.Request.Message with { LocalId = candidate };
        renewal.Asker!.Tell(new ConnectionProtocol.SendCallback(renewal.Request.RequestId, Command.StartTlsLocalId, proposal, Self));
    }

    private void RefuseToChoose(SessionRenewal renewal, PoolFault fault)
    {
        renewal.IsProposing = false;
        renewal.Fault = fault;
        _pump!.Answer(new RefusalAnswer(AlertCode.UserCanceled, "the application refused to choose a local identity"));
    }
}
