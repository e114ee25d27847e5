using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Wire;

namespace TlsPool.Actors.Cluster.Membership;

/// <summary>Makes a <see cref="ClusterView"/> of what Akka.Cluster says, and publishes each new one on the event stream.</summary>
internal sealed class MembershipActor : UntypedActor
{
    private readonly Action<ClusterView> _tell;
    private readonly ILogger _log;
    private readonly string _self;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly Dictionary<UniqueAddress, Member> _members = [];
    private readonly HashSet<UniqueAddress> _unreachable = [];

    private MembershipActor(Action<ClusterView> tell, ILogger log) => (_tell, _log, _self) = (tell, log, _cluster.SelfAddress.Host);

    /// <summary>Props of the actor.</summary>
    /// <param name="tell">Hears of each new view too; must not wait.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    internal static Props Props(Action<ClusterView> tell, ILogger log) => ActorFactory<MembershipActor>.Props(() => new MembershipActor(tell, log));

    protected override void PreStart() => _cluster.Subscribe(
        Self,
        ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
        [typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent)]);

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.UnreachableMember gone:
                _log.LogWarning("node {Node} is not reached", gone.Member.Address.Host);
                _unreachable.Add(gone.Member.UniqueAddress);
                break;
            case ClusterEvent.ReachableMember back:
                _log.LogInformation("node {Node} is reached again", back.Member.Address.Host);
                _unreachable.Remove(back.Member.UniqueAddress);
                break;
            case ClusterEvent.MemberUp up:
                _log.LogInformation("node {Node} is in the cluster", up.Member.Address.Host);
                _members[up.Member.UniqueAddress] = up.Member;
                break;
            case ClusterEvent.MemberRemoved removed:
                _log.LogWarning("node {Node} has left the cluster ({Status})", removed.Member.Address.Host, removed.PreviousStatus);
                _members.Remove(removed.Member.UniqueAddress);
                _unreachable.Remove(removed.Member.UniqueAddress);
                break;
            case ClusterEvent.IMemberEvent other:
                _members[other.Member.UniqueAddress] = other.Member;
                break;
            default:
                Unhandled(message);
                return;
        }
        Look();
    }

    private void Look()
    {
        NodeView[] nodes =
        [
            .. _members.Values
                .OrderBy(member => member, Member.AgeOrdering)
                .Select(member => new NodeView(
                    member.Address.Host,
                    member.Address.Port ?? 0,
                    member.Status.ToString(),
                    !_unreachable.Contains(member.UniqueAddress),
                    [.. member.Roles.Order(StringComparer.Ordinal)],
                    VersionOf(member))),
        ];
        var view = new ClusterView(_self, nodes);
        WireContext context = WireContext.Of(Context.System);
        if (context.Version != view.WireVersion)
        {
            _log.LogInformation("nodes write version {Version} of their messages", view.WireVersion);
            context.Version = view.WireVersion;
        }
        _tell(view);
        Context.System.EventStream.Publish(view);
    }

    /// <summary>The first number of the node's version is that of its messages.</summary>
    private static int VersionOf(Member member) =>
        int.TryParse(member.AppVersion.ToString().Split('.')[0], out int version) ? Math.Clamp(version, WireVersion.Oldest, WireVersion.Newest) : WireVersion.Oldest;
}
