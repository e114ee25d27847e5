namespace TlsPool.Actors.Management.Access;

/// <summary>A line <c>manage_allow</c>: who has which role.</summary>
/// <param name="Role">The role.</param>
/// <param name="Kind">What the name names.</param>
/// <param name="Name">A user or group by name or number, or an identity that a certificate proves.</param>
public sealed record ManagementGrant(ManagementRole Role, ManagementGrantKind Kind, string Name);

/// <summary>What a <see cref="ManagementGrant"/> names.</summary>
public enum ManagementGrantKind
{
    /// <summary>A user of this host.</summary>
    User,

    /// <summary>A group of this host.</summary>
    Group,

    /// <summary>An identity, <c>user@domain</c> or <c>domain</c>, in a certificate that the pool trusts.</summary>
    Identity,
}
