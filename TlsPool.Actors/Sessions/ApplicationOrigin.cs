namespace TlsPool.Actors.Sessions;

/// <summary>What access rules look at beside the credentials of an application's connection. Immutable.</summary>
/// <param name="Socket">Path of the pool's socket that it came through; empty if that has no name.</param>
/// <param name="Groups">Supplementary group ids of the application.</param>
public sealed record ApplicationOrigin(string Socket, IReadOnlyList<uint> Groups)
{
    /// <summary>Nothing is known.</summary>
    public static ApplicationOrigin Unknown { get; } = new("", []);
}
