using System.Collections.Frozen;

namespace TlsPool.Actors.Management.Operations;

/// <summary>All operations.</summary>
public static class OperationCatalogue
{
    private static readonly FrozenDictionary<string, Operation> ByName;

    static OperationCatalogue()
    {
        All =
        [
            .. NodeOperations.All,
            .. SessionOperations.All,
            .. TokenOperations.All,
            .. EntryOperations.All,
            .. IdentityOperations.All,
            .. RuleOperations.All,
            .. TrustOperations.All,
            .. TrailOperations.All,
            .. LogOperations.All,
        ];
        ByName = All.ToFrozenDictionary(operation => operation.Name, StringComparer.Ordinal);
    }

    /// <summary>All of them, in the order that people are shown them.</summary>
    public static IReadOnlyList<Operation> All { get; }

    /// <summary>An operation by its name; null if there is none.</summary>
    public static Operation? Find(string name) => ByName.GetValueOrDefault(name);
}
