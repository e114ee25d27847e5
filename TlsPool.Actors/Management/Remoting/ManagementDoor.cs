using System.Collections.Concurrent;
using System.Globalization;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>
/// Lets programs of those who manage the pool in: greets them, and remembers who is who. The actor system that speaks with them starts with the
/// first one: pools that nobody looks at do not pay for it. Thread safe.
/// </summary>
/// <param name="desk">Does what they ask for.</param>
/// <param name="log">Log of the facility DAEMON.</param>
internal sealed class ManagementDoor(ManagementDesk desk, ILogger log) : IAsyncDisposable
{
    /// <summary>Programs at one time.</summary>
    internal const int MaxPrograms = 64;

    /// <summary>Of these, programs of one user: nobody takes all the places.</summary>
    internal const int MaxProgramsOfOne = 16;

    /// <summary>More places, for admins: they may have to do something about it.</summary>
    internal const int MaxForAdmins = 16;

    private static readonly TimeSpan GreetingTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, ManagementProgram> _programs = new(StringComparer.Ordinal);
    private readonly StrangerLog _strangers = new(log, TimeProvider.System);
    private readonly SemaphoreSlim _starting = new(1);
    private volatile DoorTransport? _transport;
    private ActorSystem? _system;
    private long _lastNumber;

    /// <summary>Programs that are connected.</summary>
    internal int Count => _programs.Count;

    /// <summary>A program by what it is called; null if there is none.</summary>
    internal ManagementProgram? Find(string name) => _programs.GetValueOrDefault(name);

    /// <summary>The transport is there.</summary>
    internal void Opens(DoorTransport transport) => _transport = transport;

    /// <summary>Lets a program in, or sends it away with a reason.</summary>
    /// <param name="principal">Who it speaks for.</param>
    /// <param name="stream">The connection; owned.</param>
    internal async Task WelcomeAsync(Principal principal, Stream stream)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"program-{Interlocked.Increment(ref _lastNumber)}");
        string? refusal = Refusal(principal);
        try
        {
            using var limit = new CancellationTokenSource(GreetingTime);
            var greeting = new Greeting(
                Greeting.CurrentProtocol, refusal is null ? name : "", desk.Node, BuildFacts.Current.Release, principal.Name, principal.RoleName, refusal);
            if (refusal is null)
                await StartAsync().ConfigureAwait(false);
            await greeting.WriteAsync(stream, limit.Token).ConfigureAwait(false);
            if (refusal is not null)
            {
                _strangers.SentAway(refusal);
                await stream.DisposeAsync().ConfigureAwait(false);
                return;
            }
            _programs[name] = new ManagementProgram(principal);
            var watched = new WatchedStream(stream, () => Leave(name));
            await _transport!.WelcomeAsync(name, watched, _strangers).ConfigureAwait(false);
            log.LogDebug("{Principal} manages the pool with {Name}", principal, name);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or ObjectDisposedException)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private string? Refusal(Principal principal)
    {
        if (principal.Role == ManagementRole.None)
            return $"{principal.Name} may not manage this pool: see manage_allow";
        int places = MaxPrograms + (principal.Role == ManagementRole.Admin ? MaxForAdmins : 0);
        return _programs.Count >= places || _programs.Values.Count(program => program.Principal.Name == principal.Name) >= MaxProgramsOfOne
            ? "too many programs manage this pool at once"
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
            await _system.Terminate().WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _starting.Dispose();
    }

    private void Leave(string name)
    {
        if (_programs.TryRemove(name, out ManagementProgram? program))
            program.Dispose();
    }

    private async Task StartAsync()
    {
        await _starting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_system is not null)
                return;
            ActorSystemSetup setup = ActorSystemSetup.Create(
                BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(ManagementSettings.Hocon<DoorTransport>())),
                new DoorSetup(this),
                ManagementSettings.Context());
            ActorSystem system = await Task.Run(() => ActorSystem.Create(ManagementSettings.NodeSystem, setup)).ConfigureAwait(false);
            system.ActorOf(ManagementDoorActor.Props(this, desk), ManagementSettings.DoorName);
            _system = system;
        }
        finally
        {
            _starting.Release();
        }
    }
}
