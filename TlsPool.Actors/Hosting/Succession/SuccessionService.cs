using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Logging;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>
/// Takes the place of the daemon that started this process: when everything but accepting works. Afterwards it serves the connections for
/// which the other has no use any more.
/// </summary>
internal sealed class SuccessionService(
    Inheritance inheritance,
    ServerSocket? point,
    IReadOnlyList<ServerSocket> sockets,
    IReadOnlyList<ServerSocket> sideSockets,
    PoolActors actors,
    SessionPolicies policies,
    ILoggerFactory loggers) : BackgroundService
{
    private readonly ILogger _log = loggers.CreateLogger(LogFacility.Daemon);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        inheritance.GiveTickets(policies.Tickets);
        await inheritance.TakeOverAsync(Accept).ConfigureAwait(false);
        TakePidFile();
        _log.LogInformation("this process has taken over");
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await inheritance.NextConnectionAsync(stoppingToken).ConfigureAwait(false) is (string path, SafeDescriptor socket))
                actors.Supervisor.Tell(new MovingConnection(socket, path));
            _log.LogInformation("the daemon before this one has ended");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>It is too late to refuse to serve.</summary>
    private void TakePidFile()
    {
        try
        {
            if (inheritance.PidFile?.Own() == false)
                _log.LogError("daemon_pidfile {Path} was taken by another process", inheritance.PidFile.Path);
        }
        catch (DaemonException failure)
        {
            _log.LogError("{Reason}", failure.Message);
        }
    }

    private void Accept()
    {
        foreach (ServerSocket socket in inheritance.OwnSockets)
            socket.Own();
        point?.Own();
        foreach (ServerSocket socket in inheritance.OwnSockets.Except(sockets).Except(sideSockets))
        {
            // The configuration does not name it any more.
            socket.RemoveFile();
            socket.Descriptor.Dispose();
        }
        actors.Supervisor.Tell(new PoolSupervisor.Listen(sockets));
    }
}
