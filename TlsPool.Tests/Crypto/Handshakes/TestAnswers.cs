using TlsPool.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Answers a machine's questions from one identity; at once, or only when asked again.</summary>
internal sealed class TestAnswers(TestIdentity? identity, bool later = false) : IHandshakeAnswers
{
    /// <summary>The questions so far.</summary>
    internal List<HandshakeQuestion> Asked { get; } = [];

    /// <summary>Replaces the verdict on the peer.</summary>
    internal Func<PeerQuestion, HandshakeAnswer> Verdict { get; init; } = _ => new PeerAcceptedAnswer();

    /// <summary>Further credentials of the same identity, after its own.</summary>
    internal TestIdentity[] Others { get; init; } = [];

    /// <summary>Signs in place of the identity: a forger.</summary>
    internal TestIdentity? Signer { get; init; }

    public HandshakeAnswer? TryAnswer(HandshakeQuestion question) => later ? null : Answer(question);

    private IEnumerable<TestIdentity> Identities => identity is null ? Others : [identity, .. Others];

    internal HandshakeAnswer Answer(HandshakeQuestion question)
    {
        Asked.Add(question);
        return question switch
        {
            CredentialQuestion => new CredentialAnswer([.. Identities.Select(one => one.Credential)]),
            SignatureQuestion signature => new SignatureAnswer((Signer ?? Identities.First(one => one.Credential == signature.Credential)).Sign(signature.Request)),
            PeerQuestion peer => Verdict(peer),
            _ => throw new ArgumentOutOfRangeException(nameof(question)),
        };
    }
}
