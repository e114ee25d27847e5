using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Connections;

/// <summary>An application's connection on its way from one daemon to the next, between two requests. The application does not notice.</summary>
/// <param name="Socket">Its socket, handed over.</param>
/// <param name="Path">Path of the listening socket that it came through; empty if that has none.</param>
internal sealed record MovingConnection(SafeDescriptor Socket, string Path) : ICarriesDescriptor
{
    SafeDescriptor? ICarriesDescriptor.Descriptor => Socket;
}
