using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>
/// The anonymising precursor (TLS 1.2): a first handshake without certificates, and at once a second one under its protection, in which both
/// sides show who they are to nobody else. The setup is not done before that.
/// </content>
public sealed partial class SessionActor
{
    /// <summary>An anonymous handshake proves nothing: the one that counts follows.</summary>
    private void GoOnFromPrecursor(HandshakeOutcome outcome)
    {
        _secrets = outcome.Secrets;
        _pump!.Renegotiate(new HandshakeMachine(_services.Policy.Handshakes, HandshakeRequests.ForRenewal(_request, outcome.Secrets), _bridge));
    }

    private void TakeIdentified(HandshakeOutcome outcome)
    {
        _secrets!.Dispose();
        AskForPlaintext(outcome);
    }

    /// <summary>What the second handshake adds to the states of a setup.</summary>
    private void PrecursorEnds(object message)
    {
        switch (message)
        {
            case RenewalWanted:
                // The other side is as quick as this one.
                break;
            case SessionProtocol.RenewalFailed failed:
                LogNotShaken(_number, failed.Fault);
                _owed = new PoolFault(PoolError.StirredNotShaken, failed.Fault.Reason);
                break;
            case SessionProtocol.RenewalRefused:
                Fail(new PoolFault(PoolError.StirredNotShaken, "the peer began anonymously, and does not show who it is"), AlertCode.HandshakeFailure);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
