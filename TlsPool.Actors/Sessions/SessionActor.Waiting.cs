using Akka.Actor;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>
/// Signatures and verdicts that take time. A handshake after the first may be over before they come, and another one under way with questions of
/// its own: each answer is known by what it answers.
/// </content>
public sealed partial class SessionActor
{
    private SignatureRequest? _unsigned;
    private long _signatures;

    private void AskForSignature(SignatureQuestion question)
    {
        _unsigned = question.Request;
        _services.Tokens.Tell(new TokenProtocol.Sign(question.Request, ++_signatures) { Signer = question.Credential });
    }

    private void TakeSignature(object answer)
    {
        if (_unsigned is not { } request)
            return;
        switch (answer)
        {
            case TokenProtocol.Signed signed when signed.Number == _signatures:
                _unsigned = null;
                AnswerQuestion(new SignatureAnswer(signed.Signature));
                break;
            case TokenProtocol.SigningFailed failed when failed.Number == _signatures:
                _unsigned = null;
                LogSigningFailed(_number, request.Key, failed.Reason);
                AnswerQuestion(new RefusalAnswer(AlertCode.InternalError, failed.Reason));
                break;
            default:
                // Of the handshake before.
                break;
        }
    }

    private void AwaitVerdict(SessionBridge bridge) => bridge.PendingVerdict!.PipeTo(
        Self,
        Self,
        verdict => new Judged(bridge, verdict),
        exception => new Judged(bridge, Undecided(exception)));

    private static PeerVerdict Undecided(Exception exception) =>
        new(false, "", AlertCode.InternalError, "the peer could not be judged: " + exception.GetType().Name);
}
