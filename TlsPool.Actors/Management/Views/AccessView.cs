using TlsPool.Actors.Access;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Management.Views;

/// <summary>An access rule for scripts.</summary>
/// <param name="Id">Its number.</param>
/// <param name="LocalId">Selector of local identities.</param>
/// <param name="User">User id, or null.</param>
/// <param name="Group">Group id, or null.</param>
/// <param name="Socket">Path, or null.</param>
/// <param name="Role">server, client, both, or none for a rule that lets nobody in.</param>
/// <param name="Service">Service name, or null.</param>
public sealed record AccessView(long Id, string LocalId, uint? User, uint? Group, string? Socket, string Role, string? Service)
{
    /// <summary>What is shown of it.</summary>
    public static AccessView Of(AccessRule rule) => new(
        rule.Id, rule.LocalId.ToString(), rule.User, rule.Group, OrNull(rule.Socket), rule.Roles.Name(), OrNull(rule.Service));

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
