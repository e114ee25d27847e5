using System.Globalization;
using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Listeners;
using TlsPool.Actors.Logging;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>
/// Hands this daemon's place over to a new process of the program that is installed now, and retires. As long as the successor has not
/// confirmed that it has taken over, everything can be taken back.
/// </summary>
internal sealed class HandOverService(
    SuccessionParts parts,
    Bequest bequest,
    PoolActors actors,
    ReloadService reload,
    SessionPolicies policies,
    ClusterService? cluster,
    IHostApplicationLifetime application,
    ILoggerFactory loggers) : BackgroundService
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ConfirmTime = TimeSpan.FromSeconds(30);

    private readonly ILogger _log = loggers.CreateLogger(LogFacility.Daemon);
    private readonly SemaphoreSlim _one = new(1);
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _left = new();
    private int _successor;

    /// <summary>Ends when a successor has taken over: what is not for sessions that run is the successor's from then on.</summary>
    internal CancellationToken Left => _left.Token;

    /// <summary>Begins a hand-over; the log says what comes of it. Any thread.</summary>
    internal void Begin() => _ = TryHandOverAsync();

    /// <summary>Hands over.</summary>
    /// <returns>The successor's process number and an empty reason, or 0 and why there is none.</returns>
    internal async Task<(int Successor, string Reason)> TryHandOverAsync()
    {
        try
        {
            return (await HandOverOnceAsync().ConfigureAwait(false), "");
        }
        catch (DaemonException failure)
        {
            _log.LogError("no hand-over, this daemon goes on: {Reason}", failure.Message);
            return (0, failure.Message);
        }
    }

    /// <summary>For the daemon's end: gives up a hand-over that has begun, or waits until it is done; there is none after this.</summary>
    internal async Task FinishAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _one.WaitAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _one.Dispose();
        _ending.Dispose();
        _left.Dispose();
        base.Dispose();
    }

    /// <summary>Answers whoever asks at the point.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _left.Token);
        if (parts.Point is { } point)
            await new HandOverPoint(point, TryHandOverAsync).ServeAsync(end.Token).ConfigureAwait(false);
    }

    private async Task<int> HandOverOnceAsync()
    {
        if (_ending.IsCancellationRequested)
            throw new DaemonException("this daemon is ending");
        if (!await _one.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
            throw new DaemonException("a hand-over is under way already");
        try
        {
            if (_successor != 0)
                throw new DaemonException(string.Create(CultureInfo.InvariantCulture, $"process {_successor} has taken over already"));
            if (reload.Started.Chroot.Length > 0)
                throw new DaemonException("with daemon_chroot the installed program is out of reach: use 'tlspool -k'");
            if (Environment.ProcessId == 1)
                throw new DaemonException("this daemon is process 1, with which its container ends: replace the container");
            SuccessorProcess successor = await ReplaceAsync().ConfigureAwait(false);
            _successor = successor.Id;
            await _left.CancelAsync().ConfigureAwait(false);
            _ = RetireAsync(successor);
            return successor.Id;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<SuccessorProcess> ReplaceAsync()
    {
        var successor = SuccessorProcess.Start(parts.Program, parts.Arguments);
        _log.LogInformation("handing over to process {Process}: {Program}", successor.Id, parts.Program);
        bool paused = false;
        try
        {
            bequest.SendTo(successor.Channel, policies.Tickets);
            await ExpectAsync(successor, SuccessionProtocol.Ready, StartTime, _ending.Token).ConfigureAwait(false);
            paused = true;
            await PauseAsync().ConfigureAwait(false);
            successor.Channel.Send(SuccessionProtocol.Go);
            await ExpectAsync(successor, SuccessionProtocol.Taken, ConfirmTime, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or DaemonException)
        {
            string end = successor.End();
            successor.Channel.Dispose();
            if (paused)
                await ResumeAsync().ConfigureAwait(false);
            throw failure is DaemonException ? failure : new DaemonException($"the new process {end} before it served");
        }
        actors.Supervisor.Tell(ListenerActor.StopAccepting.Instance);
        bequest.Leave(successor.Id);
        return successor;
    }

    /// <summary>Connections wait in the kernel's queue meanwhile. The place in a cluster is one that two cannot have at a time.</summary>
    private async Task PauseAsync()
    {
        actors.Supervisor.Tell(new ListenerActor.SetAccepting(false));
        bequest.Share();
        if (cluster is not null)
            await cluster.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task ResumeAsync()
    {
        bequest.Reclaim();
        actors.Supervisor.Tell(new ListenerActor.SetAccepting(true));
        if (cluster is not null)
            await cluster.StartAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task RetireAsync(SuccessorProcess successor)
    {
        Task watching = WatchAsync(successor);
        await new Retirement(actors, reload, successor.Channel, _log).RunAsync(application.ApplicationStopping).ConfigureAwait(false);
        successor.Channel.Dispose();
        application.StopApplication();
        await watching.ConfigureAwait(false);
    }

    /// <summary>It says nothing any more, but may end before this process does, which is its parent.</summary>
    private async Task WatchAsync(SuccessorProcess successor)
    {
        try
        {
            successor.Channel.Send(SuccessionProtocol.Yours);
            while (true)
                (await successor.Channel.ReceiveAsync(_ending.Token).ConfigureAwait(false)).Descriptor?.Dispose();
        }
        catch (IOException)
        {
            _log.LogInformation("process {Process}, which has taken over, {End}", successor.Id, await Task.Run(successor.Reap).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private static async Task ExpectAsync(SuccessorProcess successor, char expected, TimeSpan time, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(time);
        try
        {
            (char kind, string text, SafeDescriptor? descriptor) = await successor.Channel.ReceiveAsync(limit.Token).ConfigureAwait(false);
            descriptor?.Dispose();
            if (kind != expected)
                throw new DaemonException(kind == SuccessionProtocol.Failed ? text : "the new process says what it should not");
        }
        catch (OperationCanceledException)
        {
            throw new DaemonException(cancellation.IsCancellationRequested
                ? "this daemon is ending"
                : string.Create(CultureInfo.InvariantCulture, $"the new process does not serve after {time.TotalSeconds} s: see its log"));
        }
    }
}
