using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Http;

/// <summary>Metadata of an endpoint: who may use it.</summary>
/// <param name="Role">The role; <see cref="ManagementRole.None"/> for one that looks itself, and wants to know who it is.</param>
internal sealed record NeedsRole(ManagementRole Role)
{
    /// <summary>For what may be seen.</summary>
    internal static NeedsRole Viewer { get; } = new(ManagementRole.Viewer);

    /// <summary>For operations: the desk checks the role, and records refusals.</summary>
    internal static NeedsRole Identity { get; } = new(ManagementRole.None);
}
