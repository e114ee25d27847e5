using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Connections;

/// <summary>A message that hands a descriptor over. It stays on this host, and if nobody takes it the descriptor is closed.</summary>
internal interface ICarriesDescriptor
{
    SafeDescriptor? Descriptor { get; }
}
