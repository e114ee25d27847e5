using TlsPool.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Answers a machine's questions from one identity; at once, or only when asked again.</summary>
internal sealed class TestAnswers(TestIdentity? identity, bool later = false) : IHandshakeAnswers
{
    /// <summary>The questions so far.</summary>
    internal List<HandshakeQuestion> Asked { get; } = [];

    /// <summary>Replaces the verdict on the peer.</summary>
    internal Func<PeerQuestion, HandshakeAnswer> Verdict { get; init; } = _ => new PeerAcceptedAnswer();

    public HandshakeAnswer? TryAnswer(HandshakeQuestion question) => later ? null : Answer(question);

    internal HandshakeAnswer Answer(HandshakeQuestion question)
    {
        Asked.Add(question);
        return question switch
        {
            CredentialQuestion => new CredentialAnswer(identity is null ? [] : [identity.Credential]),
            SignatureQuestion signature => new SignatureAnswer(identity!.Sign(signature.Request)),
            PeerQuestion peer => Verdict(peer),
            _ => throw new ArgumentOutOfRangeException(nameof(question)),
        };
    }
}
