using System.Text.Json;
using TlsPool.Actors.Audit;

namespace TlsPool.Cli.Audit;

/// <summary>Kinds of decisions as users write them: <c>session-setup</c>.</summary>
internal static class AuditKindNames
{
    internal static IEnumerable<string> All => Enum.GetValues<AuditKind>().Where(kind => kind != AuditKind.Unknown).Select(Of);

    internal static string Of(AuditKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    /// <exception cref="CommandException">There is no such kind.</exception>
    internal static AuditKind Read(string name)
    {
        foreach (AuditKind kind in Enum.GetValues<AuditKind>())
            if (Of(kind).Equals(name, StringComparison.OrdinalIgnoreCase))
                return kind;
        throw new CommandException($"there is no kind '{TerminalText.Printable(name)}': it is one of {string.Join(", ", All)}");
    }
}
