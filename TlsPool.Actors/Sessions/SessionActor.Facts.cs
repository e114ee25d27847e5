using Akka.Actor;
using TlsPool.Actors.Sessions.Facts;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>PRNG and INFO: what applications may know of the last handshake.</content>
public sealed partial class SessionActor
{
    private ReadOnlyMemory<byte> _peerCertificate;

    /// <summary>Keeps the peer's certificate; a chain without any leaves what was shown before.</summary>
    private void Remember(IReadOnlyList<ReadOnlyMemory<byte>> chain)
    {
        if (chain is [var own, ..])
            _peerCertificate = own;
    }

    private void Answer(AskFact asked)
    {
        var facts = new SessionFacts(_secrets!, _parameters.Version, _peerCertificate, _credential is { Chain: [var own, ..] } ? own : default);
        Message? answer;
        PoolFault? fault = null;
        if (asked.Question is PrngMessage prng)
        {
            answer = facts.Export(prng, out string reason);
            if (answer is null)
                fault = new PoolFault(PoolError.PrngUnavailable, reason);
        }
        else
        {
            answer = facts.Find((InfoMessage)asked.Question, out fault);
        }
        Context.Parent.Tell(new FactFound(Self, asked, fault, answer));
    }
}
