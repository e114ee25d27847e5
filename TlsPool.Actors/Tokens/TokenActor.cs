using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>
/// One token of a PKCS #11 module. Finds it, logs in, hands signatures to its workers, and finds it again when it was lost. A PIN of the
/// configuration that the token refused is not tried a second time: neither after a failure, nor before the configuration has another one.
/// People may be asked meanwhile, and where the configuration has none.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Akka ends an actor with PostStop, where the workers end too.")]
public sealed partial class TokenActor : UntypedActor, IWithTimers
{
    private const int MaxJobs = 4096;

    private readonly IKeyToken _token;
    private readonly ILogger _log;
    private readonly Dictionary<long, TokenJob> _jobs = [];
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
    private TokenSettings _settings;
    private TokenWorkers? _workers;
    private string _trouble = "the token is being looked for";
    private bool _looksAgain;
    private long _lastJob;

    private TokenActor(TokenSettings settings, IKeyToken token, ILogger log) => (_settings, _token, _log) = (settings, token, log);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="settings">PIN and limits.</param>
    /// <param name="token">The token; owned.</param>
    /// <param name="log">Log of the facility PKCS11.</param>
    public static Props Props(TokenSettings settings, IKeyToken token, ILogger log) =>
        ActorFactory<TokenActor>.Props(() => new TokenActor(settings, token, log));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Become(Searching);
        Search();
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message)
    {
        _log.LogError("{Token}: its actor failed and is started again: {Reason}", _settings.Name, reason.Message);
        Abandon();
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        // What was refused before is not known here any more: the supervisor remembers, and says when to begin.
        Become(Waiting);
        Context.Parent.Tell(TokenRestarted.Instance);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Abandon();
        // Blocks as long as the module likes: not on this thread.
        _ = Task.Run(_token.Dispose);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message) => Unhandled(message);

    /// <summary>After a failure: jobs wait.</summary>
    private void Waiting(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign sign:
                Accept(sign);
                break;
            case JobTimeout timeout:
                Expire(timeout);
                break;
            case UsePin begin:
                _settings = _settings with { Pin = begin.Pin };
                _pinRefused = begin.Refused is not null;
                if (begin.Refused is { } refused && _settings.PinEntry is null)
                    Block(refused);
                else
                {
                    Become(Searching);
                    Search();
                }
                break;
            case TokenJobDone or Found or Lost or SearchAgain or PinTried:
                // Left over from before the failure.
                break;
            default:
                TakeStray(message);
                break;
        }
    }

    /// <summary>The token is not there, or not logged in: jobs wait for it until their time is up.</summary>
    private void Searching(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign sign:
                Accept(sign);
                break;
            case SearchAgain:
                Search();
                break;
            case Found found:
                Take(found);
                break;
            case Lost lost:
                Retry(lost.Reason);
                break;
            case JobTimeout timeout:
                Expire(timeout);
                break;
            case UsePin use:
                Remember(use);
                break;
            case TokenJobDone done:
                Late(done);
                break;
            default:
                TakeStray(message);
                break;
        }
    }

    private void Serving(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign sign:
                if (Accept(sign) is { } job)
                    Start(job);
                break;
            case TokenJobDone done:
                Finish(done);
                break;
            case JobTimeout timeout:
                Expire(timeout);
                break;
            case UsePin use:
                Remember(use);
                break;
            default:
                TakeStray(message);
                break;
        }
    }

    /// <summary>The token refused the PIN: only a person can help.</summary>
    private void Blocked(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign sign when _looksAgain:
                // Somebody may have helped meanwhile.
                Accept(sign);
                Become(Searching);
                Search();
                break;
            case TokenProtocol.Sign refused:
                Sender.Tell(new TokenProtocol.SigningFailed(_trouble, refused.Number) { Fault = SigningFault.NotReady });
                break;
            case UsePin use when _pinRefused && use.Pin.Span.SequenceEqual(_settings.Pin.Span):
                break;
            case UsePin use:
                Remember(use);
                Become(Searching);
                Search();
                break;
            case JobTimeout or TokenJobDone:
                break;
            default:
                TakeStray(message);
                break;
        }
    }

    private TokenJob? Accept(TokenProtocol.Sign sign)
    {
        if (sign.OnlyIfReady && _workers is null)
        {
            Sender.Tell(new TokenProtocol.SigningFailed($"{_settings.Name}: {_trouble}", sign.Number) { Fault = SigningFault.NotReady });
            return null;
        }
        if (_jobs.Count >= MaxJobs)
        {
            Sender.Tell(new TokenProtocol.SigningFailed($"{_settings.Name}: too many signatures are waited for", sign.Number));
            return null;
        }
        var job = new TokenJob(++_lastJob, sign, Sender, IsRetry: false);
        _jobs.Add(job.Number, job);
        Limit(job, _asked ? _settings.PinPatience : _settings.Patience);
        return job;
    }

    private void Limit(TokenJob job, TimeSpan limit) =>
        Timers.StartSingleTimer(job.Number, new JobTimeout(job.Number), job.Sign.Patience < limit ? job.Sign.Patience.Value : limit);

    private void Start(TokenJob job)
    {
        if (!_workers!.TryAdd(job))
            Refuse(job, $"{_settings.Name}: too many signatures are waited for");
    }

    private void Finish(TokenJobDone done)
    {
        if (!_jobs.TryGetValue(done.Job.Number, out TokenJob? job))
            return;
        if (done.Signature is { } signature)
        {
            _backoff.Reset();
            Answer(job, signature);
            return;
        }
        TokenException failure = done.Failure!;
        if (failure.Fault == TokenFault.SessionLost && !done.Job.IsRetry)
        {
            // The worker opens another session: a handle that died is no news.
            _jobs[job.Number] = job with { IsRetry = true };
            Start(_jobs[job.Number]);
        }
        else if (failure.Fault is TokenFault.SessionLost or TokenFault.Removed or TokenFault.NotLoggedIn)
        {
            Lose(failure.Message);
        }
        else
        {
            _log.LogError("{Reason}", failure.Message);
            Refuse(job, failure.Message, failure.Fault == TokenFault.KeyNotFound ? SigningFault.NoKey : SigningFault.Failed);
        }
    }

    /// <summary>A worker of a token that was lost meanwhile: its job has waited on, and goes to the next ones.</summary>
    private void Late(TokenJobDone done)
    {
        if (done.Signature is { } signature)
            Answer(done.Job, signature);
    }

    private void Lose(string reason)
    {
        _log.LogWarning("{Token} is lost and looked for: {Reason}", _settings.Name, reason);
        _workers?.Dispose();
        _workers = null;
        _trouble = reason;
        Become(Searching);
        Timers.StartSingleTimer(SearchAgain.Instance, SearchAgain.Instance, _backoff.Next());
    }

    private void Search()
    {
        _isBlocked = false;
        ReadOnlyMemory<byte> pin = UsablePin;
        Task.Run(() => LookAndLogIn(pin)).PipeTo(
            Self, success: found => found, failure: exception => new Lost(exception is TokenException ? exception.Message : $"{exception.GetType().Name}"));
    }

    private void Serve(TokenDescription token)
    {
        _log.LogInformation("{Token} is ready", token);
        _wrongPins = 0;
        _isBlocked = false;
        _workers = new TokenWorkers(_token, Self, _settings.Threads, MaxJobs);
        Context.Parent.Tell(new TokenFound(token));
        Become(Serving);
        foreach (TokenJob job in _jobs.Values.ToList())
            Start(job);
    }

    private void Retry(string reason)
    {
        if (reason != _trouble)
            _log.LogWarning("{Token}: {Reason}; it is looked for again", _settings.Name, reason);
        _trouble = reason;
        Timers.StartSingleTimer(SearchAgain.Instance, SearchAgain.Instance, _backoff.Next());
    }

    private void Block(LoginResult login, bool looksAgain = false)
    {
        _looksAgain = looksAgain;
        _isBlocked = true;
        Become(Blocked);
        Fail(login.Text);
    }

    private void Fail(string reason)
    {
        _trouble = reason;
        foreach (TokenJob job in _jobs.Values.ToList())
            Refuse(job, reason);
    }

    private void Expire(JobTimeout timeout)
    {
        if (_jobs.TryGetValue(timeout.Number, out TokenJob? job))
            Refuse(job, _wished ? _trouble : $"{_settings.Name} did not sign in time: {(_workers is null ? _trouble : "it does not answer")}");
    }

    private void Answer(TokenJob job, byte[] signature)
    {
        if (!IsDone(job))
            return;
        _signatures++;
        job.Answer(signature);
    }

    private void Refuse(TokenJob job, string reason, SigningFault fault = SigningFault.Failed)
    {
        if (IsDone(job))
            job.Refuse(reason, fault);
    }

    /// <summary>True once for each job.</summary>
    private bool IsDone(TokenJob job)
    {
        if (!_jobs.Remove(job.Number))
            return false;
        job.End();
        Timers.Cancel(job.Number);
        return true;
    }

    private void Abandon()
    {
        _workers?.Dispose();
        foreach (TokenJob job in _jobs.Values)
        {
            job.End();
            job.Refuse("the token's actor ended");
        }
        _jobs.Clear();
    }

    private sealed record Lost(string Reason);

    private sealed record JobTimeout(long Number);

    private sealed record SearchAgain
    {
        internal static SearchAgain Instance { get; } = new();
    }
}
