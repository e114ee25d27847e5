using Akka.Actor;
using TlsPool.Actors.Connections;
using TlsPool.Actors.OnTheFly;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>The handshake: what the engine asks, and what is asked of others for it.</content>
public sealed partial class SessionActor
{
    private void Handshaking(object message)
    {
        switch (message)
        {
            case RoleDecided decided:
                TakeRole(decided.Role);
                break;
            case QuestionRaised { Question: CredentialQuestion question }:
                Choose(question);
                break;
            case QuestionRaised { Question: SignatureQuestion question }:
                AskForSignature(question);
                break;
            case QuestionRaised { Question: PeerQuestion }:
                AwaitVerdict(_bridge);
                Become(Validating);
                break;
            case TokenProtocol.Signed or TokenProtocol.SigningFailed:
                TakeSignature(message);
                break;
            case OnTheFlyProtocol.Made or OnTheFlyProtocol.NotMade:
                ConcludeOnTheFly(message, _gate);
                break;
            case Shaken { Outcome: { IsAnonymous: true } anonymous }:
                GoOnFromPrecursor(anonymous);
                break;
            case Shaken shaken:
                AskForPlaintext(shaken.Outcome);
                break;
            case Renewed identified:
                TakeIdentified(identified.Outcome);
                break;
            default:
                SetupEnds(message);
                break;
        }
    }

    private void Validating(object message)
    {
        switch (message)
        {
            case Judged { Verdict: var verdict }:
                Become(Handshaking);
                AnswerQuestion(_bridge.Conclude(verdict));
                break;
            default:
                SetupEnds(message);
                break;
        }
    }

    private void Choose(CredentialQuestion question)
    {
        if (_request is { OnTheFly: true, CheckLocalId: false })
        {
            MakeOnTheFly(NameOnTheFly(_request, question), _gate, _request);
            return;
        }
        _proposals = LocalIdProposals.For(_request, question, _services.Identities, _gate);
        Become(ChoosingIdentity);
        ProposeNext();
    }

    private void ProposeNext()
    {
        if (_proposals!.Next() is { } candidate)
        {
            StartTlsMessage proposal = _request.Message with { LocalId = candidate };
            _connection.Tell(new ConnectionProtocol.SendCallback(_request.RequestId, Command.StartTlsLocalId, proposal, Self));
            return;
        }
        Become(Handshaking);
        AnswerQuestion(_proposals.WhenExhausted());
    }

    private void AnswerQuestion(HandshakeAnswer answer)
    {
        _trace?.Answered();
        _pump!.Answer(answer);
    }

    private void ChoosingIdentity(object message)
    {
        switch (message)
        {
            case ConnectionProtocol.CallbackAnswered { Body: StartTlsMessage body, Descriptor: var descriptor }:
                // A descriptor is the plaintext side given early, and accepts (behaviour.md, step 2).
                if (descriptor is not null && !TakePlaintext(descriptor))
                    break;
                string chosen = body.LocalId.Length == 0 && descriptor is not null ? _proposals!.Current : body.LocalId;
                if (chosen.Length == 0)
                {
                    ProposeNext();
                    break;
                }
                Become(Handshaking);
                Accept(chosen);
                break;
            case ConnectionProtocol.CallbackRefused refused:
                Fail(refused.Fault, AlertCode.UserCanceled);
                break;
            default:
                SetupEnds(message);
                break;
        }
    }
}
