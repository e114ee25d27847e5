using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using TlsPool.Actors.Cluster.Transport;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>The program's side of Akka's remoting with a node: one connection, which is there already. Once that ends, all ends.</summary>
public sealed class VisitorTransport : Akka.Remote.Transport.Transport
{
    private readonly VisitorSetup _setup;
    private Stream? _stream;

    /// <summary>Made by Akka, of a system with a <see cref="VisitorSetup"/>.</summary>
    public VisitorTransport(ActorSystem system, Config config)
    {
        (System, Config, SchemeIdentifier, MaximumPayloadBytes) = (system, config, ManagementSettings.Scheme, TlsTransport.MaxFrame);
        _setup = system.Settings.Setup.Get<VisitorSetup>().Value;
        _stream = _setup.Stream;
    }

    /// <inheritdoc/>
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() =>
        Task.FromResult((ManagementSettings.ProgramAddress(_setup.Name), new TaskCompletionSource<IAssociationEventListener>()));

    /// <inheritdoc/>
    public override bool IsResponsibleFor(Address remote) => true;

    /// <inheritdoc/>
    public override Task<AssociationHandle> Associate(Address remoteAddress) => Interlocked.Exchange(ref _stream, null) is { } stream
        ? Task.FromResult<AssociationHandle>(new StreamAssociation(
            ManagementSettings.ProgramAddress(_setup.Name), remoteAddress, stream, inspector: null, new StrangerLog(NullLogger.Instance, TimeProvider.System)))
        : Task.FromException<AssociationHandle>(new InvalidAssociationException("the connection has ended"));

    /// <inheritdoc/>
    public override Task<bool> Shutdown()
    {
        _setup.Stream.Dispose();
        return Task.FromResult(true);
    }
}

/// <summary>What a program's transport is made of.</summary>
/// <param name="name">What the node calls the program.</param>
/// <param name="stream">The connection, behind the greeting.</param>
internal sealed class VisitorSetup(string name, Stream stream) : Setup
{
    internal string Name => name;

    internal Stream Stream => stream;
}
