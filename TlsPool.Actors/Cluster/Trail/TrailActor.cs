using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Cluster.Trail;

/// <summary>Shows the audit trail of this node to the nodes that collect trails, one page for each of them at a time.</summary>
internal sealed class TrailActor : UntypedActor
{
    /// <summary>Its name on all nodes.</summary>
    internal const string Name = "trail";

    private readonly AuditStore _store;
    private readonly ILogger _log;
    private readonly HashSet<string> _reading = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private ClusterView? _view;
    private bool _failing;

    private TrailActor(AuditStore store, ILogger log) => (_store, _log) = (store, log);

    /// <summary>Props of the actor.</summary>
    /// <param name="store">The trail of this node.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    internal static Props Props(AuditStore store, ILogger log) => ActorFactory<TrailActor>.Props(() => new TrailActor(store, log));

    /// <summary>True if a node takes part and says that it collects trails.</summary>
    internal static bool MayRead(ClusterView? view, string host) =>
        view?.Nodes.Any(node => node.Host == host && node.IsActive && node.Roles.Contains(ClusterSettings.AuditRole)) == true;

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ClusterView));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterView view:
                _view = view;
                break;
            case TrailRequest request when Sender.Path.Address.Host is { } host:
                Answer(request, host);
                break;
            case Read read:
                Finish(read);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Answer(TrailRequest request, string host)
    {
        if (!MayRead(_view, host))
        {
            // One that joins or leaves may ask before this node has heard what it is for, and asks again.
            if (_view?.Nodes.Any(node => node.Host == host && node.IsActive) == true && _refused.Add(host))
                _log.LogInformation("node {Node} asks for the audit trail, and is none that collects it", host);
            Sender.Tell(new TrailReply(request.Number, null));
            return;
        }
        if (!_reading.Add(host))
            return;
        Task.Run(() => _store.Page(request.From)).PipeTo(
            Self,
            Sender,
            page => new Read(host, new TrailReply(request.Number, page), null),
            failure => new Read(host, new TrailReply(request.Number, null), failure));
    }

    private void Finish(Read read)
    {
        _reading.Remove(read.Host);
        if (read.Failure is not null && !_failing)
            _log.LogError("the audit trail cannot be shown to node {Node}: {Reason}", read.Host, read.Failure.GetBaseException().Message);
        _failing = read.Failure is not null;
        Sender.Tell(read.Reply);
    }

    /// <summary>A page was read, or could not be.</summary>
    private sealed record Read(string Host, TrailReply Reply, Exception? Failure);
}
