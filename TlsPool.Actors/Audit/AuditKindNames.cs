using System.Text.Json;

namespace TlsPool.Actors.Audit;

/// <summary>Kinds of decisions as users write them: <c>session-setup</c>.</summary>
public static class AuditKindNames
{
    /// <summary>All of them.</summary>
    public static IEnumerable<string> All => Enum.GetValues<AuditKind>().Where(kind => kind != AuditKind.Unknown).Select(Of);

    /// <summary>The name of a kind.</summary>
    public static string Of(AuditKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    /// <summary>The kind of a name, in whatever case.</summary>
    /// <exception cref="FormatException">There is no such kind.</exception>
    public static AuditKind Read(string name)
    {
        foreach (AuditKind kind in Enum.GetValues<AuditKind>())
            if (Of(kind).Equals(name, StringComparison.OrdinalIgnoreCase))
                return kind;
        throw new FormatException($"there is no kind '{Logging.PoolLoggerProvider.OneLine(name)}': it is one of {string.Join(", ", All)}");
    }
}
