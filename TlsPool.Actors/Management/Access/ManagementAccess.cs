using System.Collections.Immutable;
using System.Globalization;
using TlsPool.Actors.Hosting;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Management.Access;

/// <summary>
/// Who may manage the pool. Root and the daemon's own user may do everything, as the database and the keys are theirs anyway; others have the
/// highest role that a grant gives them.
/// </summary>
/// <param name="grants">The lines <c>manage_allow</c> in force.</param>
/// <param name="own">The daemon's user.</param>
internal sealed class ManagementAccess(Func<ImmutableArray<ManagementGrant>> grants, uint own)
{
    /// <summary>Who a process of this host is.</summary>
    /// <param name="process">As the kernel says.</param>
    internal Principal Of(PeerCredentials process)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"uid {process.UserId}");
        ManagementRole role = process.UserId == 0 || process.UserId == own
            ? ManagementRole.Admin
            : Highest(grant => grant.Kind switch
            {
                ManagementGrantKind.User => UserOf(grant.Name) == process.UserId,
                ManagementGrantKind.Group => GroupOf(grant.Name) is { } group && IsIn(process, group),
                _ => false,
            });
        return new Principal(name, role) { Process = process };
    }

    /// <summary>Who somebody is whose certificate the pool has found to be good.</summary>
    /// <param name="identity">The identity that it proves.</param>
    internal Principal Of(string identity) => new(identity, identity.Length == 0
        ? ManagementRole.None
        : Highest(grant => grant.Kind == ManagementGrantKind.Identity && grant.Name.Equals(identity, StringComparison.OrdinalIgnoreCase)));

    private ManagementRole Highest(Func<ManagementGrant, bool> counts) =>
        grants().Where(counts).Select(grant => grant.Role).DefaultIfEmpty(ManagementRole.None).Max();

    private static bool IsIn(PeerCredentials process, uint group)
    {
        if (process.GroupId == group)
            return true;
        Accounts.Account account = Accounts.User(process.UserId.ToString(CultureInfo.InvariantCulture));
        return account is { Name: { } name, Group: { } main } && Accounts.GroupsOf(name, main).Contains(group);
    }

    // An account that was removed gives nobody anything, and keeps nobody else out.
    private static uint? UserOf(string name) => Lookup(() => Accounts.User(name).User);

    private static uint? GroupOf(string name) => Lookup(() => Accounts.Group(name));

    private static uint? Lookup(Func<uint> find)
    {
        try
        {
            return find();
        }
        catch (DaemonException)
        {
            return null;
        }
    }
}
