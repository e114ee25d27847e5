using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;

namespace TlsPool.Actors.Management.Operations;

/// <summary>PINs that are waited for, and programs that serve people.</summary>
internal static class EntryOperations
{
    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("entry.list", ManagementRole.Viewer, "PINs that are waited for, and programs that enter PINs and choose local identities", ManagementJson.Of<Page<EntryView>>())
        {
            Scope = OperationScope.AllNodes,
            Parameters = [Paging.LimitParameter, Paging.AfterParameter],
            Run = call => call.Paging.Take(call.Services.Entries.All(call.Node), KeyOf, view => view),
            Merge = (pages, call) => call.Paging.Merge([.. pages.Cast<Page<EntryView>>()], KeyOf),
        },
    ];

    // Requests before programs: they are what somebody has to do something about.
    private static RowKey KeyOf(EntryView view) => new(view.Uid is null ? 0 : 1, $"{view.Kind} {view.Name}", view.Node, view.Pid ?? 0);
}
