using TlsPool.Actors.Audit;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Management.Operations;

/// <summary>The audit trail of each node.</summary>
internal static class TrailOperations
{
    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("audit.list", ManagementRole.Viewer, "decisions in the audit trail, newest first", ManagementJson.Of<Page<AuditView>>())
        {
            Scope = OperationScope.AllNodes,
            Parameters =
            [
                new("kind", ParameterKind.Text, "of this kind") { Choices = [.. AuditKindNames.All] },
                new("identity", ParameterKind.Text, "with this local or remote identity"),
                new("uid", ParameterKind.Number, "for this user"),
                new("session", ParameterKind.Number, "about the session of this number"),
                new("decision", ParameterKind.Text, "that came out so") { Choices = ["allowed", "refused"] },
                Paging.LimitParameter,
                Paging.AfterParameter,
            ],
            Run = List,
            Merge = (pages, call) => call.Paging.Merge([.. pages.Cast<Page<AuditView>>()], KeyOf),
        },
    ];

    private static Page<AuditView> List(OperationCall call)
    {
        Arguments arguments = call.Arguments;
        var filter = new AuditFilter
        {
            Kinds = arguments.Text("kind") is { } kind ? [AuditKindNames.Read(kind)] : [],
            Identity = arguments.Text("identity"),
            UserId = arguments.Number("uid") is { } uid ? (uint)Math.Min(uid, uint.MaxValue) : null,
            Session = arguments.Number("session"),
            Allowed = arguments.Text("decision") switch { "allowed" => true, "refused" => false, _ => null },
        };
        // A trail may have millions: only what is near the part is read.
        DateTimeOffset? until = call.Paging.After is { } after ? new DateTimeOffset(-after.Value, TimeSpan.Zero).AddTicks(1) : null;
        IReadOnlyList<AuditRecord> latest = Policy(call).Trail.Latest(filter with { Until = until }, call.Paging.Limit + 64);
        return call.Paging.Take(latest.Select(record => AuditView.Of(record) with { Node = call.Node, NodeId = record.Id }), KeyOf, view => view);
    }

    private static PolicyStores Policy(OperationCall call) => call.Services.NeededPolicy;

    private static RowKey KeyOf(AuditView view) => new(-new DateTimeOffset(view.Time).UtcTicks, "", view.Node ?? "", -view.Id);
}
