using Akka.Actor;
using TlsPool.Actors.Sessions;

namespace TlsPool.Actors.Hosting;

/// <summary>The actors that the rest of the host talks to. Filled when the actor system starts.</summary>
internal sealed class PoolActors
{
    private PoolSupervisorHandle? _pool;

    internal IActorRef Supervisor => Pool.Supervisor;

    internal IActorRef Tokens => Pool.Tokens;

    internal SessionServices Services => Pool.Services;

    private PoolSupervisorHandle Pool => _pool ?? throw new InvalidOperationException("the actor system has not started");

    internal void Started(IActorRef supervisor, IActorRef tokens, SessionServices services) =>
        _pool = new PoolSupervisorHandle(supervisor, tokens, services);

    private sealed record PoolSupervisorHandle(IActorRef Supervisor, IActorRef Tokens, SessionServices Services);
}
