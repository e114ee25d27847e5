using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Handshakes.Signing;
using TlsPool.Crypto.Keys;
using static TlsPool.Actors.Cluster.Signing.SigningProtocol;

namespace TlsPool.Actors.Cluster.Signing;

/// <summary>
/// Signs for other nodes with the tokens of this one: handshakes only, of those identities that <c>cluster_sign_for</c> lets a node speak for, as
/// often as <c>cluster_sign_rate</c> says. Who the node is was shown by its certificate, whose the key is says this node's own database.
/// </summary>
internal sealed class SigningActor : UntypedActor, IWithTimers
{
    /// <summary>Its name on all nodes.</summary>
    internal const string PartName = "signing";

    private const int MaxOpen = 4096;

    /// <summary>Refusals of one kind that are recorded of a node in a second: one that was broken into must not fill the audit trail.</summary>
    private const int ToldPerSecond = 10;

    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly ClusterConfiguration _configuration;
    private readonly ILocalIdentities _identities;
    private readonly IActorRef _tokens;
    private readonly IAuditTrail _audit;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SigningRate _rate;
    private readonly SigningRate _told;
    private readonly Dictionary<long, Open> _open = [];
    private readonly Dictionary<string, int> _perNode = new(StringComparer.Ordinal);
    private long _last;

    private SigningActor(ClusterConfiguration configuration, ILocalIdentities identities, IActorRef tokens, IAuditTrail audit, ILogger log, TimeProvider time)
    {
        (_configuration, _identities, _tokens, _audit, _log, _time) = (configuration, identities, tokens, audit, log, time);
        (_rate, _told) = (new SigningRate(configuration.SigningRate, time), new SigningRate(ToldPerSecond, time));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="configuration">Who may have what signed.</param>
    /// <param name="identities">Whose keys are whose.</param>
    /// <param name="tokens">The pool's token supervisor.</param>
    /// <param name="audit">Where each signature, and each that was refused, is recorded.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    /// <param name="time">The clock.</param>
    internal static Props Props(
        ClusterConfiguration configuration, ILocalIdentities identities, IActorRef tokens, IAuditTrail audit, ILogger log, TimeProvider time) =>
        ActorFactory<SigningActor>.Props(() => new SigningActor(configuration, identities, tokens, audit, log, time));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Ask ask when NodePaths.NodeOf(Sender) is { Length: > 0 } node:
                Take(ask, node);
                break;
            case TokenProtocol.Signed signed when Close(signed.Number) is { } open:
                Record(open, allowed: true, $"{open.Content.Kind} signed for {open.Node}");
                open.Asker.Tell(new Done(open.Number, signed.Signature), Self);
                break;
            case TokenProtocol.SigningFailed failed when Close(failed.Number) is { } open:
                if (failed.Fault == SigningFault.Failed)
                    Record(open, allowed: false, $"not signed for {open.Node}: {failed.Reason}");
                open.Asker.Tell(new Refused(open.Number, RefusalOf(failed.Fault), failed.Reason), Self);
                break;
            case TokenProtocol.Signed or TokenProtocol.SigningFailed:
                break;
            case Look:
                ForgetOld();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Take(Ask ask, string node)
    {
        SignatureRequest request = ask.Request;
        if (!HandshakeContent.TryRead(request, out HandshakeContent? content, out string? refusal))
        {
            Refuse(ask, node, Refusal.Forbidden, $"{refusal}: only handshakes are signed for others", identity: "");
            return;
        }
        IReadOnlyList<KeyHolder> holders = _identities.HoldersOf(request.Key);
        if (holders.Count == 0)
        {
            Sender.Tell(new Refused(ask.Number, Refusal.NoKey, "no identity here has this key"), Self);
            return;
        }
        IdentityRoles role = content.Signer.ToRoles();
        KeyHolder? holder = holders.FirstOrDefault(holder => holder.Roles.HasFlag(role) && MayHave(node, holder));
        if (holder is null)
        {
            Refuse(ask, node, Refusal.Forbidden, $"{node} may not speak for {holders[0].Identity} as {role}: see cluster_sign_for", holders[0].Identity.ToString());
            return;
        }
        string identity = holder.Identity.ToString();
        if (!_rate.TryTake(node, holder.Identity.Key))
        {
            Refuse(ask, node, Refusal.Busy, $"{node} asks for more signatures of {identity} than cluster_sign_rate allows", identity);
            return;
        }
        int waiting = _perNode.GetValueOrDefault(node);
        if (_open.Count >= MaxOpen || waiting >= MaxOpen / 4)
        {
            Sender.Tell(new Refused(ask.Number, Refusal.Busy, "too many signatures are waited for"), Self);
            return;
        }
        TimeSpan patience = ask.Patience ?? (ask.Waits ? LongestPatience : UsualPatience);
        patience = patience < LongestPatience ? patience : LongestPatience;
        _perNode[node] = waiting + 1;
        if (_open.Count == 0)
            Timers.StartSingleTimer(nameof(Look), Look.Instance, LookInterval);
        _open.Add(++_last, new Open(ask.Number, Sender, node, identity, request.Key.Uri, content, _time.GetTimestamp(), patience));
        _tokens.Tell(new TokenProtocol.Sign(request, _last) { OnlyIfReady = !ask.Waits, Patience = patience }, Self);
    }

    /// <summary>Requests that no token answers must not take the room of others. A signature that comes later is given to nobody.</summary>
    private void ForgetOld()
    {
        foreach ((long number, Open open) in _open.Where(one => _time.GetElapsedTime(one.Value.Started) >= one.Value.Patience).ToList())
        {
            const string reason = "the token has not answered in time";
            Close(number);
            Record(open, allowed: false, $"not signed for {open.Node}: {reason}");
            open.Asker.Tell(new Refused(open.Number, Refusal.Failed, reason), Self);
        }
        if (_open.Count > 0)
            Timers.StartSingleTimer(nameof(Look), Look.Instance, LookInterval);
    }

    private bool MayHave(string node, KeyHolder holder) => _configuration.SigningGrants.Any(grant =>
        (grant.Nodes.IsEmpty || grant.Nodes.Contains(node)) && grant.Identities.Any(selector => selector.Matches(holder.Identity)));

    private void Refuse(Ask ask, string node, Refusal why, string reason, string identity)
    {
        if (_told.TryTake(node, why.ToString()))
        {
            _log.LogWarning("{Node} gets no signature with {Key}: {Reason}", node, ask.Request.Key, reason);
            _audit.Record(new AuditEvent(AuditKind.RemoteSigning, Allowed: false, reason) { RemoteId = node, LocalId = identity, Key = ask.Request.Key.Uri });
        }
        Sender.Tell(new Refused(ask.Number, why, reason), Self);
    }

    private Open? Close(long number)
    {
        if (!_open.Remove(number, out Open? open))
            return null;
        if (--_perNode[open.Node] == 0)
            _perNode.Remove(open.Node);
        return open;
    }

    private void Record(Open open, bool allowed, string reason) => _audit.Record(new AuditEvent(AuditKind.RemoteSigning, allowed, reason)
    {
        RemoteId = open.Node,
        LocalId = open.Identity,
        Key = open.Key,
        Use = open.Content.Signer.ToString().ToLowerInvariant(),
    });

    private static Refusal RefusalOf(SigningFault fault) => fault switch
    {
        SigningFault.NoKey => Refusal.NoKey,
        SigningFault.NotReady => Refusal.NotReady,
        _ => Refusal.Failed,
    };

    private sealed record Open(
        long Number, IActorRef Asker, string Node, string Identity, string Key, HandshakeContent Content, long Started, TimeSpan Patience);

    private sealed record Look
    {
        internal static Look Instance { get; } = new();
    }
}
