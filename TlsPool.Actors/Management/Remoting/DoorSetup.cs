using Akka.Actor.Setup;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>What the transport of a node's management is made of.</summary>
internal sealed class DoorSetup(ManagementDoor door) : Setup
{
    internal ManagementDoor Door => door;
}
