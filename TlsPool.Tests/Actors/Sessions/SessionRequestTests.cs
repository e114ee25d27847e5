using NUnit.Framework;
using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Sessions;

[Parallelizable(ParallelScope.All)]
public class SessionRequestTests
{
    private const StartTlsFlags Client = StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer;
    private const StartTlsFlags Server = StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient;
    private static readonly PeerCredentials Application = new(1, 2, 3);

    private static StartTlsMessage Message(StartTlsFlags flags, byte protocol = 6) =>
        new(flags, 0, protocol, 0, "", "", default, "", 0);

    private static SessionRequest? Parse(StartTlsMessage message, out PoolFault? fault) =>
        SessionRequest.TryParse(7, Application, message, out fault);

    [TestCase(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer, TlsRole.Client)]
    [TestCase(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient, TlsRole.Server)]
    [TestCase(StartTlsFlags.LocalRolePeer | StartTlsFlags.RemoteRoleServer, TlsRole.Client)]
    [TestCase(StartTlsFlags.LocalRolePeer | StartTlsFlags.RemoteRoleClient, TlsRole.Server)]
    [TestCase(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRolePeer, TlsRole.Client)]
    [TestCase(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRolePeer, TlsRole.Server)]
    public void A_local_role_is_kept_where_the_remote_may_play_its_counterpart(StartTlsFlags flags, TlsRole role)
    {
        SessionRequest? request = Parse(Message(flags), out PoolFault? fault);

        Assert.That(fault, Is.Null);
        Assert.That(request!.Role, Is.EqualTo(role));
    }

    [TestCase(StartTlsFlags.BothRolesPeer, PeerPart.Either)]
    [TestCase(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRolePeer, PeerPart.Client)]
    [TestCase(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRolePeer, PeerPart.Server)]
    [TestCase(StartTlsFlags.LocalRolePeer | StartTlsFlags.RemoteRoleServer, PeerPart.None)]
    [TestCase(StartTlsFlags.LocalRolePeer | StartTlsFlags.RemoteRoleClient, PeerPart.None)]
    public void The_role_is_left_open_where_both_may_have_either(StartTlsFlags flags, PeerPart part) =>
        Assert.That(Parse(Message(flags), out _)!.Peer, Is.EqualTo(part));

    [TestCase(StartTlsFlags.None)]
    [TestCase(StartTlsFlags.LocalRoleClient)]
    [TestCase(StartTlsFlags.RemoteRoleServer)]
    [TestCase(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleClient)]
    [TestCase(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleServer)]
    public void Roles_without_counterpart_and_varieties_of_later_are_not_implemented(StartTlsFlags flags)
    {
        Assert.That(Parse(Message(flags), out PoolFault? fault), Is.Null);
        Assert.That(fault!.Code, Is.EqualTo(PoolError.CommandNotImplemented));
    }

    [TestCase(Client, PeerAuthentication.Demand)]
    [TestCase(Client | StartTlsFlags.RequestRemoteId, PeerAuthentication.Request)]
    [TestCase(Server | StartTlsFlags.IgnoreRemoteId, PeerAuthentication.Ignore)]
    [TestCase(Server | StartTlsFlags.RequestRemoteId | StartTlsFlags.IgnoreRemoteId, PeerAuthentication.Ignore)]
    public void Ignoring_the_peer_wins_over_requesting_it(StartTlsFlags flags, PeerAuthentication expected) =>
        Assert.That(Parse(Message(flags), out _)!.PeerAuthentication, Is.EqualTo(expected));

    [TestCase((byte)17)]
    [TestCase((byte)132)]
    [TestCase((byte)0)]
    [TestCase((byte)255)]
    public void Only_tcp_is_served(byte protocol)
    {
        Assert.That(Parse(Message(Client | StartTlsFlags.Dtls, protocol), out PoolFault? fault), Is.Null);
        Assert.That(fault!.Code, Is.EqualTo(PoolError.CommandNotImplemented));
    }

    [Test]
    public void The_dtls_flag_and_undefined_bits_do_no_harm_under_tcp() =>
        Assert.That(Parse(Message(Client | StartTlsFlags.Dtls | (StartTlsFlags)0xfff80000), out _), Is.Not.Null);
}
