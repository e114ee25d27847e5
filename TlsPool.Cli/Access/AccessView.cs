using TlsPool.Actors.Access;
using TlsPool.Cli.Identities;

namespace TlsPool.Cli.Access;

/// <summary>An access rule for scripts.</summary>
/// <param name="Id">Its number.</param>
/// <param name="LocalId">Selector of local identities.</param>
/// <param name="User">User id, or null.</param>
/// <param name="Group">Group id, or null.</param>
/// <param name="Socket">Path, or null.</param>
/// <param name="Role">server, client, both, or none for a rule that lets nobody in.</param>
/// <param name="Service">Service name, or null.</param>
internal sealed record AccessView(long Id, string LocalId, uint? User, uint? Group, string? Socket, string Role, string? Service)
{
    internal static AccessView Of(AccessRule rule) => new(
        rule.Id, rule.LocalId.ToString(), rule.User, rule.Group, OrNull(rule.Socket), IdentityCommands.Name(rule.Roles), OrNull(rule.Service));

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
