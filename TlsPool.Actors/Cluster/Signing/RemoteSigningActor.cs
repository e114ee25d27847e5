using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Keys;
using static TlsPool.Actors.Cluster.Signing.SigningProtocol;

namespace TlsPool.Actors.Cluster.Signing;

/// <summary>
/// Has handshakes signed by other nodes. Of the nodes that have the key it takes the one that is expected to answer first; when it does not
/// answer in time, has gone, or its signature is wrong, the next one is asked; an answer that comes late is still good. Whoever asks gets an answer in
/// bounded time.
/// </summary>
internal sealed partial class RemoteSigningActor : UntypedActor, IWithTimers
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
    private readonly NodeParts _parts;
    private readonly Dictionary<long, Attempt> _attempts = [];
    private readonly Dictionary<string, SignerHealth> _health = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Node, string Key), Knowledge> _known = [];
    private readonly IActorRef _self = Context.Self;
    private ClusterView _view = ClusterView.Alone("");
    private int _jobs;
    private bool _looks;
    private long _last;

    private RemoteSigningActor(ClusterLink link, TimeProvider time, ILogger log, NodeParts parts) => (_link, _time, _log, _parts) = (link, time, log, parts);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="link">Leads the pool's actors here.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    /// <param name="parts">Leads to other nodes; null for the network.</param>
    internal static Props Props(ClusterLink link, TimeProvider time, ILogger log, NodeParts? parts = null) =>
        ActorFactory<RemoteSigningActor>.Props(() => new RemoteSigningActor(link, time, log, parts ?? NodePaths.Part));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ClusterView));
        _link.Signer = Self;
    }

    protected override void PostStop()
    {
        _link.Leave(_self);
        foreach (Job job in _attempts.Values.Select(attempt => attempt.Job).Distinct())
            job.Refuse("this node has left the cluster", SigningFault.Failed);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign sign:
                Begin(sign);
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
                foreach (Attempt lost in Open(attempt => view.Others.All(node => node.Host != attempt.Node)))
                    Lose(lost);
                break;
            case Look:
                LookAround();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Begin(TokenProtocol.Sign sign)
    {
        if (_jobs >= MaxJobs)
            Sender.Tell(new TokenProtocol.SigningFailed("too many signatures of other nodes are waited for", sign.Number));
        else if (!TryGetRole(sign.Request.Key, out string? role))
            // The database has it from another node, or from a person: anything may be there.
            Sender.Tell(new TokenProtocol.SigningFailed($"{sign.Request.Key} is no reference to a key", sign.Number));
        else
        {
            _jobs++;
            TryNext(new Job(sign, role, Sender, _time.GetUtcNow() + Patience));
        }
    }

    /// <summary>Attempts that fit and whose jobs have not ended, also not meanwhile.</summary>
    private IEnumerable<Attempt> Open(Func<Attempt, bool> fits) => _attempts.Values.Where(fits).ToList().Where(attempt => _attempts.ContainsKey(attempt.Number));

    /// <summary>The attempt that a node answers; answers of others, and those that come when all is over, are nobody's.</summary>
    private Attempt? TakeAttempt(long number)
    {
        if (!_attempts.TryGetValue(number, out Attempt? attempt) || NodePaths.NodeOf(Sender) != attempt.Node)
            return null;
        Close(attempt);
        return attempt;
    }

    private void Close(Attempt attempt)
    {
        _attempts.Remove(attempt.Number);
        attempt.Job.Open.Remove(attempt);
        HealthOf(attempt.Node).Outstanding--;
    }

    private void Take(Attempt attempt, Done done)
    {
        Job job = attempt.Job;
        // A wrong one would cost this handshake, and say nothing of who is to blame.
        if (job.Sign.Signer is { } signer && !SignatureCheck.IsValid(job.Sign.Request, done.Signature.Span, signer))
        {
            _log.LogError("the signature of {Node} for {Key} is wrong: does it have another key of that name?", attempt.Node, job.Key);
            Learn(attempt, Knowledge.Lacks);
            job.Reason = $"{attempt.Node} has another key of that name";
            TryNext(job);
            return;
        }
        Measure(attempt);
        Learn(attempt, Knowledge.Has);
        End(job);
        job.Answer(done.Signature);
    }

    private void Take(Attempt attempt, Refused refused)
    {
        Job job = attempt.Job;
        Measure(attempt);
        if (refused.Why is Refusal.NoKey or Refusal.Forbidden)
            Learn(attempt, Knowledge.Lacks);
        if (refused.Why == Refusal.NotReady && !attempt.Waits)
            job.NotReady.Add(attempt.Node);
        if (refused.Why != Refusal.NoKey)
            job.Reason = $"{attempt.Node}: {refused.Reason}";
        TryNext(job);
    }

    /// <summary>Where a person was waited for, the node was not slow.</summary>
    private void Measure(Attempt attempt)
    {
        if (!attempt.Waits)
            HealthOf(attempt.Node).Answered(_time.GetUtcNow() - attempt.Started);
    }

    private void Lose(Attempt attempt)
    {
        Close(attempt);
        Blame(attempt, "it has left the cluster");
        TryNext(attempt.Job);
    }

    private void LookAround()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (Attempt late in Open(attempt => now >= attempt.Job.Deadline || (!attempt.IsLate && now >= attempt.Until)))
        {
            if (!late.IsLate && now >= late.Until)
                Blame(late, "it does not answer");
            // Its answer still counts if it is the first: a token may need a second for each signature.
            late.IsLate = true;
            TryNext(late.Job);
        }
        _looks = _attempts.Count > 0;
        if (_looks)
            Timers.StartSingleTimer(nameof(Look), Look.Instance, LookInterval);
    }

    private void Blame(Attempt attempt, string why)
    {
        if (attempt.Waits)
            return;
        SignerHealth health = HealthOf(attempt.Node);
        if (health.IsTrusted)
            _log.LogWarning("{Node} is not asked for signatures for a while: {Why}", attempt.Node, why);
        health.Failed();
        attempt.Job.Reason = $"{attempt.Node} did not sign: {why}";
    }

    private void TryNext(Job job)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (now >= job.Deadline)
        {
            Refuse(job);
            return;
        }
        if (job.Open.Exists(attempt => !attempt.IsLate))
            return;
        NodeView? next = _view.Others
            .Where(node => job.Role is null || node.Roles.Contains(job.Role))
            .Where(node => !job.Tried.Contains(node.Host) && KnowledgeOf(node.Host, job.Key) is not { HasKey: false })
            .OrderBy(node => HealthOf(node.Host).IsTrusted ? 0 : 1)
            .ThenBy(node => KnowledgeOf(node.Host, job.Key) is { HasKey: true } ? 0 : 1)
            .ThenBy(node => HealthOf(node.Host).Cost)
            .FirstOrDefault();
        if (next is not null)
            Ask(job, next, now, HealthOf(next.Host).Limit);
        else if (_view.Others.FirstOrDefault(node => job.NotReady.Contains(node.Host)) is { } waiting)
        {
            // All that have the key wait for something, such as a person.
            if (!job.Waits)
                job.Deadline = now + LongPatience;
            job.Waits = true;
            job.NotReady.Remove(waiting.Host);
            Ask(job, waiting, now, job.Deadline - now);
        }
        else if (job.Open.Count == 0)
            Refuse(job);
    }

    private void Ask(Job job, NodeView node, DateTimeOffset now, TimeSpan limit)
    {
        var attempt = new Attempt(++_last, job, node.Host, now, now + limit, job.Waits);
        job.Tried.Add(node.Host);
        job.Open.Add(attempt);
        HealthOf(node.Host).Outstanding++;
        _attempts.Add(attempt.Number, attempt);
        _parts(Context, node, SigningActor.PartName).Tell(new Ask(attempt.Number, job.Sign.Request, job.Waits, job.Deadline - now), Self);
        if (!_looks)
            Timers.StartSingleTimer(nameof(Look), Look.Instance, LookInterval);
        _looks = true;
    }

    private void Refuse(Job job)
    {
        End(job);
        job.Refuse(
            job.Reason ?? $"no node of the cluster signs with {job.Key}{(job.Role is null ? "" : $", of those for {job.Role}")}: see pkcs11_token and cluster_sign_for on the node that has the token",
            job.Waits || job.NotReady.Count > 0 ? SigningFault.NotReady : job.Reason is null ? SigningFault.NoKey : SigningFault.Failed);
    }

    private void End(Job job)
    {
        _jobs--;
        foreach (Attempt attempt in job.Open.ToList())
            Close(attempt);
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

    private sealed record Look
    {
        internal static Look Instance { get; } = new();
    }
}
