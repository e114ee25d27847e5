using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Handshakes.Signing;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes.Signing;

/// <summary>What this engine signs in its own handshakes.</summary>
internal static class Contents
{
    private static readonly Lazy<TestIdentity> Server = new(() => TestIdentity.Ecdsa());
    private static readonly Lazy<TestIdentity> User = new(() => TestIdentity.Ecdsa("user@client.example"));

    private static readonly Lazy<IReadOnlyDictionary<HandshakeContentKind, SignatureRequest>> Samples = new(() => new[] { TlsVersion.Tls12, TlsVersion.Tls13 }
        .SelectMany(version => Of(new HandshakeSettings { MinVersion = version, MaxVersion = version }))
        .ToDictionary(one => one.Kind, one => one.Request));

    /// <summary>One of each kind, with P-256 certificates and the engine's favourite group.</summary>
    internal static IReadOnlyDictionary<HandshakeContentKind, SignatureRequest> OfEachKind => Samples.Value;

    /// <summary>What both sides sign in a handshake where both show certificates.</summary>
    internal static (HandshakeContentKind Kind, SignatureRequest Request)[] Of(
        HandshakeSettings settings, TestIdentity? server = null, TestIdentity? user = null)
    {
        var atServer = new TestAnswers(server ?? Server.Value);
        var atClient = new TestAnswers(user ?? User.Value);
        MachinePair pair = new MachinePair(settings, atServer, settings, atClient, serverAsks: PeerAuthentication.Demand).Run();
        bool is13 = pair.Client.Outcome!.Version == TlsVersion.Tls13;
        return
        [
            (is13 ? HandshakeContentKind.ServerVerify13 : HandshakeContentKind.ServerKeyExchange12, Signed(atServer).Single()),
            (is13 ? HandshakeContentKind.ClientVerify13 : HandshakeContentKind.ClientVerify12, Signed(atClient).Single()),
        ];
    }

    /// <summary>What somebody has been asked to sign.</summary>
    internal static IEnumerable<SignatureRequest> Signed(TestAnswers answers) => answers.Asked.OfType<SignatureQuestion>().Select(question => question.Request);
}
