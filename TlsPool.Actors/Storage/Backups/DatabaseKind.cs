using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Actors.Storage.Backups;

/// <summary>A database that a pool may have in <c>dbenv_dir</c>.</summary>
/// <param name="Name">Its file name.</param>
/// <param name="Schema">Its tables.</param>
internal sealed record DatabaseKind(string Name, IReadOnlyList<string> Schema)
{
    /// <summary>All there are. The audit trails come last, so that they know of what is in the first.</summary>
    internal static IReadOnlyList<DatabaseKind> All { get; } =
    [
        new(PoolDatabase.FileName, Storage.Schema.Steps),
        new(AuditStore.FileName, Storage.Schema.AuditSteps),
        new(ClusterAuditStore.FileName, ClusterAuditSchema.Steps),
    ];
}
