using Akka.Actor;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Tokens;

namespace TlsPool.Actors.Cluster.Signing;

/// <summary>
/// Has signatures made where they can be: by a token of this host that is ready, else by another node, else by a token of this host that has to
/// be waited for, as for its PIN. Where one of them takes long the next is asked as well, and the first signature counts; it fails only when all
/// have. An actor of the pool, which sessions and connections ask in place of the tokens.
/// </summary>
internal sealed class SigningRouterActor : UntypedActor, IWithTimers
{
    /// <summary>Who has not signed by then is perhaps hanging, or waits for a person.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Tokens and other nodes answer long before, as long as they live.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private readonly IActorRef _tokens;
    private readonly ClusterLink _link;
    private readonly TimeProvider _time;
    private readonly Dictionary<long, Attempt> _attempts = [];
    private long _last;

    private SigningRouterActor(IActorRef tokens, ClusterLink link, TimeProvider time) => (_tokens, _link, _time) = (tokens, link, time);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="tokens">The token supervisor.</param>
    /// <param name="link">Leads to other nodes.</param>
    /// <param name="time">The clock; only its timestamps are used.</param>
    internal static Props Props(IActorRef tokens, ClusterLink link, TimeProvider time) =>
        ActorFactory<SigningRouterActor>.Props(() => new SigningRouterActor(tokens, link, time));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign sign:
                Ask(new Job(sign, Sender), Stage.Local, _tokens);
                break;
            case TokenProtocol.Signed signed when Close(signed.Number) is { Job: var job }:
                End(job, signed with { Number = job.Sign.Number });
                break;
            case TokenProtocol.SigningFailed failed when Close(failed.Number) is { } attempt:
                Advance(attempt, failed);
                break;
            case TokenProtocol.Signed or TokenProtocol.SigningFailed:
                break;
            case Look:
                LookAround();
                break;
            case PinProtocol.IPinEntryMessage:
                _tokens.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Ask(Job job, Stage stage, IActorRef asked)
    {
        long number = ++_last;
        if (_attempts.Count == 0)
            Timers.StartSingleTimer(nameof(Look), Look.Instance, LookInterval);
        _attempts.Add(number, new Attempt(number, job, stage, asked, _time.GetTimestamp()));
        job.Open.Add(number);
        job.Asked.Add(stage);
        asked.Tell(job.Sign with { Number = number, OnlyIfReady = stage == Stage.Local }, Self);
    }

    private Attempt? Close(long number)
    {
        if (_attempts.Remove(number, out Attempt? attempt))
            attempt.Job.Open.Remove(number);
        return attempt;
    }

    /// <summary>What others answer later is nobody's.</summary>
    private void End(Job job, object answer)
    {
        foreach (long number in job.Open)
            _attempts.Remove(number);
        job.Asker.Tell(answer);
    }

    private void Advance(Attempt attempt, TokenProtocol.SigningFailed failed)
    {
        Job job = attempt.Job;
        job.Faults[attempt.Stage] = failed;
        if (!job.Asked.Contains(Stage.Remote) && _link.Signer is { } signer)
            Ask(job, Stage.Remote, signer);
        else if (job.Open.Count == 0 && job.MayWait)
            Ask(job, Stage.Waiting, _tokens);
        else if (job.Open.Count == 0)
            End(job, job.Failure() with { Number = job.Sign.Number });
    }

    private void LookAround()
    {
        IActorRef? signer = _link.Signer;
        foreach (Attempt attempt in _attempts.Values.ToList())
        {
            // Its job may have ended in this loop.
            if (!_attempts.ContainsKey(attempt.Number))
                continue;
            Job job = attempt.Job;
            TimeSpan age = _time.GetElapsedTime(attempt.Started);
            if (attempt.Stage == Stage.Remote && !attempt.Asked.Equals(signer))
                GiveUp(attempt, "this node has left the cluster");
            else if (age >= LongestAnswer)
                GiveUp(attempt, "there was no answer in time");
            else if (age >= Patience && attempt.Stage == Stage.Local && !job.Asked.Contains(Stage.Remote) && signer is not null)
                Ask(job, Stage.Remote, signer);
            else if (age >= Patience && attempt.Stage == Stage.Remote && job.MayWait)
                Ask(job, Stage.Waiting, _tokens);
        }
        if (_attempts.Count > 0)
            Timers.StartSingleTimer(nameof(Look), Look.Instance, LookInterval);
    }

    private void GiveUp(Attempt attempt, string reason)
    {
        Close(attempt.Number);
        Advance(attempt, new TokenProtocol.SigningFailed(reason));
    }

    private enum Stage
    {
        Local,
        Remote,
        Waiting,
    }

    private sealed class Job(TokenProtocol.Sign sign, IActorRef asker)
    {
        internal TokenProtocol.Sign Sign => sign;

        internal IActorRef Asker => asker;

        internal HashSet<long> Open { get; } = [];

        internal HashSet<Stage> Asked { get; } = [];

        internal Dictionary<Stage, TokenProtocol.SigningFailed> Faults { get; } = [];

        /// <summary>True if a token of this host has to be waited for, and is not yet.</summary>
        internal bool MayWait => !Asked.Contains(Stage.Waiting) && Faults.GetValueOrDefault(Stage.Local) is { Fault: SigningFault.NotReady };

        /// <summary>What this host's token says counts for more than that others do not have the key.</summary>
        internal TokenProtocol.SigningFailed Failure()
        {
            TokenProtocol.SigningFailed here = Faults.GetValueOrDefault(Stage.Waiting) ?? Faults[Stage.Local];
            TokenProtocol.SigningFailed? others = Faults.GetValueOrDefault(Stage.Remote);
            bool othersHaveIt = others is { Fault: not SigningFault.NoKey };
            return here.Fault == SigningFault.NoKey || (othersHaveIt && !Asked.Contains(Stage.Waiting)) ? others ?? here : here;
        }
    }

    private sealed record Attempt(long Number, Job Job, Stage Stage, IActorRef Asked, long Started);

    private sealed record Look
    {
        internal static Look Instance { get; } = new();
    }
}
