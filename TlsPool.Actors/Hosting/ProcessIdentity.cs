namespace TlsPool.Actors.Hosting;

/// <summary>Whom a process runs as: looked up while the system's databases are in reach, which they are not in another root. Immutable.</summary>
public sealed class ProcessIdentity
{
    private ProcessIdentity(uint? user, uint? group, IReadOnlyList<uint> groups, string text) => (User, Group, Groups, Text) = (user, group, groups, text);

    /// <summary>Number of the user; null to stay.</summary>
    internal uint? User { get; }

    /// <summary>Number of the group; null to stay.</summary>
    internal uint? Group { get; }

    /// <summary>All groups.</summary>
    internal IReadOnlyList<uint> Groups { get; }

    /// <summary>For messages.</summary>
    internal string Text { get; }

    /// <summary>Looks up user and group.</summary>
    /// <param name="user">Name or number; empty to stay.</param>
    /// <param name="group">Name or number; empty for the user's own.</param>
    /// <exception cref="DaemonException">They do not exist.</exception>
    public static ProcessIdentity Find(string user, string group)
    {
        string text = $"{user}:{group}";
        if (user.Length == 0)
        {
            uint? only = group.Length == 0 ? null : Accounts.Group(group);
            return new ProcessIdentity(null, only, only is { } one ? [one] : [], text);
        }
        Accounts.Account account = Accounts.User(user);
        uint main = group.Length > 0
            ? Accounts.Group(group)
            : account.Group ?? throw new DaemonException($"daemon_user {user} has no account here, so that daemon_group has to be given too");
        return new ProcessIdentity(account.User, main, account.Name is { } name ? Accounts.GroupsOf(name, main) : [main], text);
    }

    /// <summary>A user and group by number.</summary>
    internal static ProcessIdentity Of(uint user, uint group) => new(user, group, [group], $"{user}:{group}");
}
