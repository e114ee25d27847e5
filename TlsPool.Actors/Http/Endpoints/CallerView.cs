namespace TlsPool.Actors.Http.Endpoints;

/// <summary>Who asks, as the pool sees it.</summary>
/// <param name="Name">uid of the process, or the identity that was proven; empty for nobody.</param>
/// <param name="Role">none, viewer, operator or admin.</param>
/// <param name="Node">The node that was asked.</param>
/// <param name="Version">Version of the program, with its build.</param>
internal sealed record CallerView(string Name, string Role, string Node, string Version);
