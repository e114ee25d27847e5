using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Actors.Access;

/// <summary>Who wants to use a local identity, and for what. Immutable.</summary>
/// <param name="User">User id of the application.</param>
/// <param name="Groups">All its group ids.</param>
/// <param name="Socket">Path of the pool's socket that it came through; empty if that has no name.</param>
/// <param name="Role">The local role.</param>
/// <param name="Service">IANA service name, as the application gave it.</param>
public sealed record AccessRequest(uint User, IReadOnlyCollection<uint> Groups, string Socket, TlsRole Role, string Service)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"uid {User} as {TlsNames.Role(Role)}{(Service.Length == 0 ? "" : $" for {Service}")}{(Socket.Length == 0 ? "" : $" at {Socket}")}";
}
