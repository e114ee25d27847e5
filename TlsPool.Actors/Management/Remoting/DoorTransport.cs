using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;
using TlsPool.Actors.Cluster.Transport;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>
/// The node's side of Akka's remoting with programs that manage it. It listens to nothing: connections are brought by
/// <see cref="ManagementDoor"/>, which knows who is at the other end.
/// </summary>
public sealed class DoorTransport : Akka.Remote.Transport.Transport
{
    private readonly TaskCompletionSource<IAssociationEventListener> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManagementDoor _door;

    /// <summary>Made by Akka, of a system with a <see cref="DoorSetup"/>.</summary>
    public DoorTransport(ActorSystem system, Config config)
    {
        (System, Config, SchemeIdentifier, MaximumPayloadBytes) = (system, config, ManagementSettings.Scheme, TlsTransport.MaxFrame);
        _door = system.Settings.Setup.Get<DoorSetup>().Value.Door;
    }

    /// <inheritdoc/>
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        _door.Opens(this);
        return Task.FromResult((ManagementSettings.NodeAddress, _ready));
    }

    /// <inheritdoc/>
    public override bool IsResponsibleFor(Address remote) => true;

    /// <inheritdoc/>
    public override Task<AssociationHandle> Associate(Address remoteAddress) =>
        Task.FromException<AssociationHandle>(new InvalidAssociationException($"{remoteAddress.Host} has gone"));

    /// <inheritdoc/>
    public override Task<bool> Shutdown() => Task.FromResult(true);

    /// <summary>Brings in a program.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="stream">The connection, owned.</param>
    /// <param name="log">Hears of a program that does not keep to the rules.</param>
    internal async Task WelcomeAsync(string name, Stream stream, StrangerLog log)
    {
        Address program = ManagementSettings.ProgramAddress(name);
        var inspector = new FrameInspector(program, ManagementSettings.NodeAddress, $"user/{ManagementSettings.DoorName}");
        IAssociationEventListener listener = await _ready.Task.ConfigureAwait(false);
        listener.Notify(new InboundAssociation(new StreamAssociation(ManagementSettings.NodeAddress, program, stream, inspector, log)));
    }
}
