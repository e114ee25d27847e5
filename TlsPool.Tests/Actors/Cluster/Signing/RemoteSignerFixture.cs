using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Cluster.Signing;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Handshakes.Signing;
using TlsPool.Crypto.Keys;
using TlsPool.Tests.Crypto;
using TlsPool.Tests.Crypto.Handshakes.Signing;
using static TlsPool.Actors.Cluster.Signing.SigningProtocol;

namespace TlsPool.Tests.Actors.Cluster.Signing;

/// <summary>A node that has handshakes signed by others, which a test plays.</summary>
public abstract class RemoteSignerFixture : AkkaFixture
{
    private protected static readonly TestIdentity Identity = TestIdentity.Ecdsa("a.example");

    private protected static readonly SignatureRequest Request =
        Contents.OfEachKind[HandshakeContentKind.ServerVerify13] with { Key = new KeyReference("pkcs11:token=t;object=k") };

    private readonly Dictionary<string, TestProbe> _nodes = [];

    private protected ClusterLink Link { get; } = new();

    private protected ManualTime Time { get; } = new();

    private protected IActorRef Signer { get; private set; } = ActorRefs.Nobody;

    private protected TestProbe Asker { get; private set; } = null!;

    [SetUp]
    public void StartSigner()
    {
        foreach (string host in new[] { "b", "c", "d" })
            _nodes[host] = Kit.CreateTestProbe();
        Asker = Kit.CreateTestProbe();
        Signer = Sys.ActorOf(RemoteSigningActor.Props(Link, Time, NullLogger.Instance, (_, node, _) => _nodes[node.Host].Ref));
    }

    private protected TestProbe Probe(string host) => _nodes[host];

    private protected void Know(params NodeView[] others) => Signer.Tell(new ClusterView("a", [NodeRef.Node("a"), .. others]));

    private protected void Know(params string[] others) => Know(others.Select(host => NodeRef.Node(host)).ToArray());

    private protected void KnowNobody() => Know(Array.Empty<NodeView>());

    private protected void Sign(long number = 1, string? key = null) => Signer.Tell(
        new TokenProtocol.Sign(key is null ? Request : Request with { Key = new KeyReference(key) }, number) { Signer = Identity.Credential }, Asker);

    private protected async Task<Ask> AskedAsync(string host) => await Probe(host).ExpectMsgAsync<Ask>(Patience);

    /// <summary>A message of a node.</summary>
    private protected void Say(string host, object message) => Signer.Tell(message, new NodeRef(host, Probe(host)));

    private protected void SignAt(string host, Ask ask) => Say(host, new Done(ask.Number, Identity.Sign(ask.Request)));

    private protected void RefuseAt(string host, Ask ask, Refusal why) => Say(host, new Refused(ask.Number, why, $"{why} here"));

    private protected async Task<TokenProtocol.Signed> SignedAsync() => await Asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience);

    private protected async Task<TokenProtocol.SigningFailed> FailedAsync() => await Asker.ExpectMsgAsync<TokenProtocol.SigningFailed>(Patience);

    private protected async Task ExpectNothingOpenAsync() => Assert.That(await ActorInside.CountAsync(Signer, "_attempts", Patience), Is.Zero);
}
