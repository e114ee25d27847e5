using System.Diagnostics;
using Akka.Actor;
using TlsPool.Actors.Tokens;

namespace TlsPool.Actors.Cluster.Signing;

/// <summary>
/// Has signatures made where they can be: by a token of this host that is ready, else by another node, else by a token of this host that has to
/// be waited for, as for its PIN. An actor of the pool, which the sessions ask in place of the tokens.
/// </summary>
internal sealed class SigningRouterActor : UntypedActor, IWithTimers
{
    /// <summary>A token of this host that has not signed by then is perhaps hanging: others are asked as well.</summary>
    private static readonly TimeSpan LocalPatience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private readonly IActorRef _tokens;
    private readonly ClusterLink _link;
    private readonly Dictionary<long, Attempt> _attempts = [];
    private readonly Queue<(long Number, long Started)> _local = [];
    private long _last;

    private SigningRouterActor(IActorRef tokens, ClusterLink link) => (_tokens, _link) = (tokens, link);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="tokens">The token supervisor.</param>
    /// <param name="link">Leads to other nodes.</param>
    internal static Props Props(IActorRef tokens, ClusterLink link) => ActorFactory<SigningRouterActor>.Props(() => new SigningRouterActor(tokens, link));

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Look), Look.Instance, LookInterval);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign sign:
                Try(new Job(sign, Sender), Stage.Local);
                break;
            case TokenProtocol.Signed signed when _attempts.Remove(signed.Number, out Attempt? attempt):
                if (attempt.Job.TryEnd())
                    attempt.Job.Asker.Tell(signed with { Number = attempt.Job.Sign.Number });
                break;
            case TokenProtocol.SigningFailed failed when _attempts.Remove(failed.Number, out Attempt? attempt):
                Advance(attempt, failed);
                break;
            case TokenProtocol.Signed or TokenProtocol.SigningFailed:
                break;
            case Look:
                LookAfterLocal();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Try(Job job, Stage stage)
    {
        long number = ++_last;
        job.Stage = stage;
        IActorRef? asked = stage == Stage.Remote ? _link.Signer : _tokens;
        if (asked is null)
        {
            Try(job, Stage.Waiting);
            return;
        }
        _attempts.Add(number, new Attempt(job, stage));
        if (stage == Stage.Local)
            _local.Enqueue((number, Stopwatch.GetTimestamp()));
        asked.Tell(job.Sign with { Number = number, OnlyIfReady = stage == Stage.Local }, Self);
    }

    private void Advance(Attempt attempt, TokenProtocol.SigningFailed failed)
    {
        Job job = attempt.Job;
        if (attempt.Stage != job.Stage || job.HasEnded)
            return;
        switch (attempt.Stage)
        {
            case Stage.Local:
                job.LocalFault = failed;
                Try(job, Stage.Remote);
                break;
            // Nobody else has it, and a token here has to be waited for.
            case Stage.Remote when job.LocalFault is { Fault: SigningFault.NotReady }:
                Try(job, Stage.Waiting);
                break;
            default:
                if (job.TryEnd())
                    job.Asker.Tell(new TokenProtocol.SigningFailed(ReasonOf(job, failed), job.Sign.Number) { Fault = failed.Fault });
                break;
        }
    }

    /// <summary>What this host's token says counts for more than that others do not have the key.</summary>
    private static string ReasonOf(Job job, TokenProtocol.SigningFailed last) =>
        job.LocalFault is { Fault: not SigningFault.NoKey } local && last.Fault == SigningFault.NoKey ? local.Reason : last.Reason;

    private void LookAfterLocal()
    {
        while (_local.TryPeek(out (long Number, long Started) oldest) && Stopwatch.GetElapsedTime(oldest.Started) > LocalPatience)
        {
            _local.Dequeue();
            // Its answer still counts, if it is the first.
            if (_attempts.TryGetValue(oldest.Number, out Attempt? attempt) && attempt.Job is { HasEnded: false, Stage: Stage.Local } job && _link.Signer is not null)
                Try(job, Stage.Remote);
        }
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

        internal Stage Stage { get; set; }

        internal TokenProtocol.SigningFailed? LocalFault { get; set; }

        internal bool HasEnded { get; private set; }

        internal bool TryEnd()
        {
            bool first = !HasEnded;
            HasEnded = true;
            return first;
        }
    }

    private sealed record Attempt(Job Job, Stage Stage);

    private sealed record Look
    {
        internal static Look Instance { get; } = new();
    }
}
