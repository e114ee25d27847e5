namespace TlsPool.Protocol.Identities;

/// <summary>The two rules for comparing users of identities. Domains are the same under both.</summary>
public sealed class DoNaiComparer : IEqualityComparer<DoNai>
{
    private readonly StringComparer _users;

    private DoNaiComparer(StringComparer users) => _users = users;

    /// <summary>Users without case: the default.</summary>
    public static DoNaiComparer IgnoreCase { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Users with case, where configured so.</summary>
    public static DoNaiComparer Exact { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool Equals(DoNai? x, DoNai? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && x.Domain == y.Domain && SameUser(x.User, y.User));

    /// <inheritdoc/>
    public int GetHashCode(DoNai obj) => HashCode.Combine(obj.Domain, obj.User is null ? 0 : _users.GetHashCode(obj.User));

    internal bool SameUser(string? one, string? other) => _users.Equals(one, other);
}
