using System.Globalization;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using static TlsPool.Actors.Cluster.Signing.SigningProtocol;

namespace TlsPool.Actors.Cluster.Signing;

/// <summary>
/// Has handshakes signed by other nodes. Of the nodes that have the key it takes the one that is expected to answer first; when it does not
/// answer in time, has gone, or its signature is wrong, the next one is asked. Whoever asks gets an answer in bounded time.
/// </summary>
internal sealed class RemoteSigningActor : UntypedActor, IWithTimers
{
    /// <summary>Its name on all nodes.</summary>
    internal const string PartName = "remote-signer";

    private const int MaxJobs = 8192;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(20);

    private readonly ClusterLink _link;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<long, Attempt> _attempts = [];
    private readonly Dictionary<string, SignerHealth> _health = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Node, string Key), Knowledge> _known = [];
    private ClusterView _view = ClusterView.Alone("");
    private long _last;

    private RemoteSigningActor(ClusterLink link, TimeProvider time, ILogger log) => (_link, _time, _log) = (link, time, log);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="link">Leads the pool's actors here.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    internal static Props Props(ClusterLink link, TimeProvider time, ILogger log) => ActorFactory<RemoteSigningActor>.Props(() => new RemoteSigningActor(link, time, log));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ClusterView));
        Timers.StartPeriodicTimer(nameof(Look), Look.Instance, LookInterval);
        _link.Signer = Self;
    }

    protected override void PostStop()
    {
        _link.Signer = null;
        foreach (Job job in _attempts.Values.Select(attempt => attempt.Job).Distinct())
            job.Refuse("this node has left the cluster", SigningFault.Failed);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign surplus when _attempts.Count >= MaxJobs:
                Sender.Tell(new TokenProtocol.SigningFailed("too many signatures of other nodes are waited for", surplus.Number));
                break;
            case TokenProtocol.Sign sign:
                TryNext(new Job(sign, Sender, _time.GetUtcNow() + Patience));
                break;
            case Done done when TakeAttempt(done.Number) is { } attempt:
                Take(attempt, done);
                break;
            case Refused refused when TakeAttempt(refused.Number) is { } attempt:
                Take(attempt, refused);
                break;
            case Done or Refused:
                break;
            case ClusterView view:
                _view = view;
                foreach (Attempt lost in _attempts.Values.Where(attempt => view.Others.All(node => node.Host != attempt.Node)).ToList())
                    GiveUp(lost, "it has left the cluster");
                break;
            case Look:
                DateTimeOffset now = _time.GetUtcNow();
                foreach (Attempt late in _attempts.Values.Where(attempt => now >= attempt.Until).ToList())
                    GiveUp(late, "it does not answer");
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>The attempt that a node answers; answers of others, and those that come too late, are nobody's.</summary>
    private Attempt? TakeAttempt(long number)
    {
        if (!_attempts.TryGetValue(number, out Attempt? attempt) || NodePaths.NodeOf(Sender) != attempt.Node)
            return null;
        _attempts.Remove(number);
        HealthOf(attempt.Node).Outstanding--;
        return attempt;
    }

    private void Take(Attempt attempt, Done done)
    {
        Job job = attempt.Job;
        SignerHealth health = HealthOf(attempt.Node);
        // A wrong one would cost this handshake, and say nothing of who is to blame.
        if (job.Sign.Signer is { } signer && !SignatureCheck.IsValid(job.Sign.Request, done.Signature.Span, signer))
        {
            _log.LogError("the signature of {Node} for {Key} is wrong: does it have another key of that name?", attempt.Node, job.Key);
            Learn(attempt, Knowledge.Lacks);
            Go(job, $"{attempt.Node} has another key of that name");
            return;
        }
        if (!job.Waits)
            health.Answered(_time.GetUtcNow() - attempt.Started);
        Learn(attempt, Knowledge.Has);
        job.Answer(done.Signature);
    }

    private void Take(Attempt attempt, Refused refused)
    {
        Job job = attempt.Job;
        HealthOf(attempt.Node).Answered(_time.GetUtcNow() - attempt.Started);
        if (refused.Why is Refusal.NoKey or Refusal.Forbidden)
            Learn(attempt, Knowledge.Lacks);
        if (refused.Why == Refusal.NotReady)
            job.NotReady.Add(attempt.Node);
        if (refused.Why != Refusal.NoKey)
            job.Reason = $"{attempt.Node}: {refused.Reason}";
        Go(job, job.Reason);
    }

    private void GiveUp(Attempt attempt, string why)
    {
        _attempts.Remove(attempt.Number);
        SignerHealth health = HealthOf(attempt.Node);
        health.Outstanding--;
        if (health.IsTrusted)
            _log.LogWarning("{Node} is not asked for signatures for a while: {Why}", attempt.Node, why);
        health.Failed();
        Go(attempt.Job, $"{attempt.Node} did not sign: {why}");
    }

    private void Go(Job job, string reason)
    {
        job.Reason = reason;
        TryNext(job);
    }

    private void TryNext(Job job)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (now >= job.Deadline)
        {
            job.Refuse(job.Reason, SigningFault.Failed);
            return;
        }
        NodeView? next = _view.Others
            .Where(node => job.Role is null || node.Roles.Contains(job.Role))
            .Where(node => !job.Tried.Contains(node.Host) && KnowledgeOf(node.Host, job.Key) is not { HasKey: false })
            .OrderBy(node => HealthOf(node.Host).IsTrusted ? 0 : 1)
            .ThenBy(node => KnowledgeOf(node.Host, job.Key) is { HasKey: true } ? 0 : 1)
            .ThenBy(node => HealthOf(node.Host).Cost)
            .FirstOrDefault();
        if (next is not null)
            Ask(job, next, now, HealthOf(next.Host).Limit);
        else if (!job.Waits && _view.Others.FirstOrDefault(node => job.NotReady.Contains(node.Host)) is { } waiting)
        {
            // All that have the key wait for something, such as a person.
            job.Waits = true;
            job.Deadline = now + LongPatience;
            Ask(job, waiting, now, LongPatience);
        }
        else
        {
            job.Refuse(job.Reason, job.NotReady.Count > 0 ? SigningFault.NotReady : job.HasKey ? SigningFault.Failed : SigningFault.NoKey);
        }
    }

    private void Ask(Job job, NodeView node, DateTimeOffset now, TimeSpan limit)
    {
        long number = ++_last;
        job.Tried.Add(node.Host);
        HealthOf(node.Host).Outstanding++;
        _attempts.Add(number, new Attempt(number, job, node.Host, now, now + limit));
        Context.Part(node, SigningActor.PartName).Tell(new Ask(number, job.Sign.Request, job.Waits, job.Waits ? limit : job.Deadline - now), Self);
    }

    private SignerHealth HealthOf(string node)
    {
        if (!_health.TryGetValue(node, out SignerHealth? health))
            _health[node] = health = new SignerHealth(_time);
        return health;
    }

    private Knowledge? KnowledgeOf(string node, string key) =>
        _known.TryGetValue((node, key), out Knowledge? knowledge) && (knowledge.HasKey || _time.GetUtcNow() < knowledge.Until) ? knowledge : null;

    private void Learn(Attempt attempt, bool hasKey)
    {
        const int most = 4096;
        if (_known.Count >= most)
            _known.Clear();
        _known[(attempt.Node, attempt.Job.Key)] = new Knowledge(hasKey, _time.GetUtcNow() + Memory);
    }

    private sealed record Knowledge(bool HasKey, DateTimeOffset Until)
    {
        internal const bool Has = true;
        internal const bool Lacks = false;
    }

    private sealed record Attempt(long Number, Job Job, string Node, DateTimeOffset Started, DateTimeOffset Until);

    private sealed class Job(TokenProtocol.Sign sign, IActorRef asker, DateTimeOffset deadline)
    {
        internal TokenProtocol.Sign Sign => sign;

        internal string Key => sign.Request.Key.Uri;

        internal string? Role { get; } = RoleOf(sign.Request.Key);

        internal DateTimeOffset Deadline { get; set; } = deadline;

        internal bool Waits { get; set; }

        internal HashSet<string> Tried { get; } = new(StringComparer.Ordinal);

        internal HashSet<string> NotReady { get; } = new(StringComparer.Ordinal);

        internal bool HasKey => _reason is not null;

        internal string Reason
        {
            get => _reason ?? $"no node of the cluster signs with {sign.Request.Key}{(Role is null ? "" : $", of those for {Role}")}: see pkcs11_token and cluster_sign_for on the node that has the token";
            set => _reason = value;
        }

        internal void Answer(ReadOnlyMemory<byte> signature) => asker.Tell(new TokenProtocol.Signed(signature, sign.Number));

        internal void Refuse(string reason, SigningFault fault) => asker.Tell(new TokenProtocol.SigningFailed(reason, sign.Number) { Fault = fault });

        private string? _reason;

        private static string? RoleOf(KeyReference key) =>
            key.IsBuiltIn ? null : Pkcs11Uri.Parse(key.Uri).NodeRole;
    }

    private sealed record Look
    {
        internal static Look Instance { get; } = new();
    }
}
