using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using TlsPool.Actors.Hosting.Succession;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// Signals: SIGTERM and SIGINT end the daemon in order, a second one without waiting for sessions; SIGHUP reads the configuration again; SIGUSR2
/// hands over to the program that is installed now.
/// </summary>
internal sealed class PoolLifetime(IHostApplicationLifetime application, ReloadService reload, DrainService drain, HandOverService handOver)
    : IHostLifetime, IDisposable
{
    // .NET has no name for it, but takes its number.
    private const PosixSignal Sigusr2 = (PosixSignal)12;

    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _ends;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        ProcessSignals.Hear();
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, End));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, End));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            if (application.ApplicationStarted.IsCancellationRequested)
                reload.Reload();
        }));
        _registrations.Add(PosixSignalRegistration.Create(Sigusr2, context =>
        {
            context.Cancel = true;
            if (application.ApplicationStarted.IsCancellationRequested)
                handOver.Begin();
        }));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        // Without this the runtime would end the process as soon as handlers return.
        context.Cancel = true;
        if (Interlocked.Increment(ref _ends) == 1)
            application.StopApplication();
        else
            drain.Hurry();
    }
}
