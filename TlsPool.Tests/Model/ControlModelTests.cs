using NUnit.Framework;
using TlsPool.Protocol.Frames;
using static TlsPool.Tests.Model.ControlModel;

namespace TlsPool.Tests.Model;

/// <summary>
/// Random walks of a pool and of its model: register, answer, time-out, disconnect, detach, reattach, fork, renegotiate. After each step both
/// have to agree.
/// </summary>
[Parallelizable]
public sealed class ControlModelTests
{
    private const int MostSessions = 10;
    private const int MostWaiting = 6;

    /// <summary>Within a minute; peers turn more of them down.</summary>
    private const int MostRenewals = 4;
    private const string Tls12 = "tls_max_version 1.2\n";

    private readonly List<string> _history = [];
    private Random _random = null!;
    private ControlModel _model = null!;
    private ModelledPool _pool = null!;
    private bool _renewalTakesTime;
    private int _started;

    [TestCase(1, 500, Tls12)]
    [TestCase(2, 500, Tls12, Category = "Soak")]
    [TestCase(3, 500, "")]
    [TestCase(4, 500, "", Category = "Soak")]
    public Task The_pool_does_what_its_model_says(int seed, int steps, string configuration) => WalkAsync(seed, steps, configuration);

    [Test]
    [Category("Soak")]
    public async Task The_pool_goes_on_doing_what_its_model_says([Values(Tls12, "")] string configuration)
    {
        for (int i = 0; i < 20; i++)
            await WalkAsync(Random.Shared.Next(), 1000, configuration);
    }

    private async Task WalkAsync(int seed, int steps, string configuration)
    {
        (_random, _model, _started, _renewalTakesTime) = (new Random(seed), new ControlModel(), 0, configuration.Length > 0);
        _history.Clear();
        await using ModelledPool pool = _pool = await ModelledPool.StartAsync(configuration);
        try
        {
            for (int step = 0; step < steps; step++)
                await StepAsync();
            foreach (int session in _model.In(Stage.Established).ToArray())
            {
                await _pool.ExpectViewAsync(session, _model.View(session));
                await _pool.ExchangeAsync(session, 10_000);
            }
        }
        catch
        {
            TestContext.Out.WriteLine($"seed {seed}, the last of {_history.Count} steps:\n{string.Join('\n', _history.TakeLast(60))}\n\n{pool.LogTail}");
            throw;
        }
    }

    private Task StepAsync() => _random.Next(100) switch
    {
        < 20 => StartAsync(),
        < 26 => RegisterAsync(),
        < 40 => AnswerAsync(),
        < 44 => TimeOutAsync(),
        < 50 => CloseAsync(AnyConnection()),
        < 52 => CloseProgramAsync(),
        < 62 => DetachAsync(),
        < 72 => ReattachAsync(),
        < 80 => RenegotiateAsync(),
        < 88 => RenegotiateSlowlyAsync(),
        < 92 => EndAsync(),
        _ => ExchangeAsync(),
    };

    private async Task StartAsync()
    {
        if (_model.In(Stage.Waiting).Count() >= MostWaiting)
            return;
        while (_model.In(Stage.Established).Count() > MostSessions)
            await EndAsync();
        StartTlsFlags flags = _random.Next(4) switch
        {
            0 => StartTlsFlags.Fork,
            1 => StartTlsFlags.Detach,
            _ => StartTlsFlags.None,
        };
        int connection = AnyConnection();
        if (_random.Next(20) == 0 && AnyOf([.. _model.In(Stage.Established), .. _model.In(Stage.Waiting)]) is { } taken)
        {
            Did($"connection {connection} asks for a session with the key of session {taken}");
            await using ModelledSession attempt = _pool.Begin(taken, connection, flags, _pool[taken].Key, timeout: null);
            await ExpectAsync(attempt.Asked, PoolError.ControlKeyRegistrationFailed);
            return;
        }
        int session = _started++;
        Did($"connection {connection} asks for session {session} ({flags})");
        _pool[session] = _pool.Begin(session, connection, flags, ControlKey.Random(), timeout: null);
        if (_model.Start(session, connection, flags == StartTlsFlags.Fork, flags == StartTlsFlags.Detach))
            await AwaitQuestionAsync();
        else
            await ExpectEstablishedAsync(session);
    }

    private async Task RegisterAsync()
    {
        Did("a program registers");
        Assert.That(await _pool.RegisterAsync(), Is.EqualTo(_model.Register()));
    }

    private async Task AnswerAsync()
    {
        if (_model.Asked is not { } asked)
            return;
        bool willing = _random.Next(5) > 0;
        Did($"the program {(willing ? "answers" : "refuses")} about session {asked}");
        _pool.Program.Answer(willing);
        if (_model.Answer(willing) is { } session)
        {
            if (willing)
                await ExpectEstablishedAsync(session);
            else
                await ExpectAsync(_pool[session].Asked, PoolError.ClientRefusesCallback);
        }
        await AwaitQuestionAsync();
    }

    private async Task TimeOutAsync()
    {
        if (!_model.HasProgram || _model.In(Stage.Waiting).Count() >= MostWaiting)
            return;
        int connection = AnyConnection(), session = _started++;
        Did($"connection {connection} asks for session {session}, and has no time");
        _pool[session] = _pool.Begin(session, connection, StartTlsFlags.None, ControlKey.Random(), TimeSpan.FromMilliseconds(100));
        _model.Start(session, connection, fork: false, detach: false);
        // On a busy machine the time may be over before anybody is asked.
        if (_model.OwesQuestion && await _pool.AwaitQuestionAsync(_pool[session].Asked) is { } name)
            Asked(name);
        await ExpectAsync(_pool[session].Asked, PoolError.StirredNotShaken);
        _model.GiveUp(session);
        await ExpectGoneAsync(session);
    }

    private async Task CloseAsync(int connection)
    {
        int[] concerned = [.. _model.In(Stage.Established).Where(session => _model.ControllerOf(session) == connection)];
        IReadOnlyList<int> setups = _model.Close(connection);
        Did($"connection {connection} closes: sessions {string.Join(' ', concerned)}, setups {string.Join(' ', setups)}");
        await _pool.CloseAsync(connection);
        foreach (int setup in setups)
            await ExpectGoneAsync(setup);
        foreach (int session in concerned)
            await _pool.ExpectViewAsync(session, _model.View(session));
    }

    private async Task CloseProgramAsync()
    {
        if (!_model.HasProgram)
            return;
        (IReadOnlyList<int> established, int? failed) = _model.ProgramCloses();
        Did($"the program closes: refused {failed}, free {string.Join(' ', established)}");
        await _pool.CloseProgramAsync();
        if (failed is { } refused)
            await ExpectAsync(_pool[refused].Asked, PoolError.ClientRefusesCallback);
        foreach (int session in established)
            await ExpectEstablishedAsync(session);
    }

    private async Task DetachAsync()
    {
        if (AnyOf([.. Enumerable.Range(0, _started)]) is not { } session)
            return;
        int connection = LikelyConnection(session);
        if (_model.StageOf(session) != Stage.Established)
        {
            await _pool.ExpectViewAsync(session, PoolError.ControlKeyNotFound);
            return;
        }
        Did($"connection {connection} detaches session {session}");
        await ExpectAsync(_pool.DetachAsync(connection, session), _model.Detach(session, connection));
    }

    private async Task ReattachAsync()
    {
        if (AnyOf(_model.In(Stage.Established)) is not { } session)
            return;
        int connection = AnyConnection();
        Did($"connection {connection} reattaches session {session}");
        await ExpectAsync(_pool.ReattachAsync(connection, session), _model.Reattach(session, connection));
        await _pool.ExpectViewAsync(session, _model.View(session));
    }

    private async Task RenegotiateAsync()
    {
        if (AnyOf(_model.In(Stage.Established)) is { } session)
            await RenegotiateAsync(session);
    }

    private async Task RenegotiateAsync(int session)
    {
        if (_model.RenewalsOf(session) == MostRenewals)
            return;
        int connection = LikelyConnection(session);
        Did($"connection {connection} renegotiates session {session}");
        PoolError expected = _model.Renew(session, connection);
        await ExpectAsync(_pool.RenegotiateAsync(connection, session), expected);
        if (expected == PoolError.None)
            _model.Renewed(session);
    }

    /// <summary>Other things happen while a renegotiation waits for a signature.</summary>
    private async Task RenegotiateSlowlyAsync()
    {
        int[] attached = [.. _model.In(Stage.Established).Where(session => _model.ControllerOf(session) is not null && _model.RenewalsOf(session) < MostRenewals)];
        if (!_renewalTakesTime || AnyOf(attached) is not { } session)
            return;
        int asker = _model.ControllerOf(session)!.Value;
        Did($"connection {asker} renegotiates session {session}, which takes its time");
        TaskCompletionSource hold = _pool.Stores.HoldSignatures();
        Assert.That(_model.Renew(session, asker), Is.EqualTo(PoolError.None));
        Task renewal = _pool.RenegotiateAsync(asker, session);
        await _pool.SettleAsync(asker);
        Task exchange = _random.Next(2) == 0 ? _pool.ExchangeAsync(session, 50_000) : Task.CompletedTask;
        for (int i = _random.Next(4); i > 0; i--)
        {
            await (_random.Next(4) switch
            {
                // Others would wait for a signature, too.
                0 when _model.StageOf(session) == Stage.Established => RenegotiateAsync(session),
                1 => DetachAsync(),
                2 => ReattachAsync(),
                _ => exchange.IsCompleted ? CloseAsync(AnyConnection()) : Task.CompletedTask,
            });
        }
        hold.SetResult();
        PoolError outcome = await ModelledPool.OutcomeAsync(renewal);
        bool isWhole = _model.StageOf(session) == Stage.Established && _model.RenewalAskerOf(session) == asker;
        Did($"session {session} is {(isWhole ? "renewed" : "not renewed, or nobody is told")}");
        Assert.That(outcome == PoolError.None, Is.EqualTo(isWhole), outcome.ToString());
        if (_model.StageOf(session) != Stage.Established)
            return;
        _model.Renewed(session);
        await exchange;
        // Whoever asked may not be told; whoever asks next has to wait until it is over.
        await _pool.ExchangeAsync(session, 1000);
        await _pool.ExpectViewAsync(session, _model.View(session));
    }

    private async Task EndAsync()
    {
        if (AnyOf(_model.In(Stage.Established)) is not { } session)
            return;
        Did($"session {session} ends");
        await _pool[session].DisposeAsync();
        _model.End(session);
        await _pool.ExpectViewAsync(session, PoolError.ControlKeyNotFound);
    }

    private async Task ExchangeAsync()
    {
        if (AnyOf(_model.In(Stage.Established)) is not { } session)
            return;
        Did($"bytes pass through session {session}");
        await _pool.ExchangeAsync(session, _random.Next(1, 70_000));
    }

    /// <summary>The program gets the question that the model says, if there is one.</summary>
    private async Task AwaitQuestionAsync()
    {
        if (!_model.OwesQuestion)
            return;
        Asked(await _pool.AwaitQuestionAsync());
    }

    private void Asked(int name)
    {
        int session = Enumerable.Range(0, _started).Last(session => session % ModelledPool.Names == name);
        Did($"the program is asked about session {session}");
        Assert.That(_model.Ask(session), "one question at a time, about sessions that wait");
    }

    private async Task ExpectEstablishedAsync(int session)
    {
        await ExpectAsync(_pool[session].Asked, PoolError.None);
        await ExpectAsync(_pool[session].Served, PoolError.None);
        await _pool.ExpectViewAsync(session, _model.View(session));
    }

    /// <summary>A setup failed, and both ends know.</summary>
    private async Task ExpectGoneAsync(int session)
    {
        Assert.That(await ModelledPool.OutcomeAsync(_pool[session].Asked), Is.Not.EqualTo(PoolError.None));
        Assert.That(await ModelledPool.OutcomeAsync(_pool[session].Served), Is.Not.EqualTo(PoolError.None));
    }

    private static async Task ExpectAsync(Task request, PoolError expected) => Assert.That(await ModelledPool.OutcomeAsync(request), Is.EqualTo(expected));

    private int AnyConnection() => _random.Next(ModelledPool.Connections);

    /// <summary>Mostly the one that controls a session, so that requests also succeed.</summary>
    private int LikelyConnection(int session) =>
        _random.Next(3) > 0 && _model.ControllerOf(session) is { } controller ? controller : AnyConnection();

    private int? AnyOf(IEnumerable<int> candidates)
    {
        int[] all = [.. candidates];
        return all.Length > 0 ? all[_random.Next(all.Length)] : null;
    }

    private void Did(string what) => _history.Add(what);
}
