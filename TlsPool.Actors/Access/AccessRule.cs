using TlsPool.Actors.Storage;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Access;

/// <summary>
/// Lets somebody use the local identities that a selector names. All conditions of a rule have to hold. Immutable.
/// </summary>
/// <param name="Id">Its number in the database; 0 if it is not there yet.</param>
/// <param name="LocalId">Which local identities.</param>
/// <param name="User">User id; null for any.</param>
/// <param name="Group">A group id that the application is in; null for any.</param>
/// <param name="Socket">Path of the pool's socket; empty for any.</param>
/// <param name="Roles">In which role; none for a rule that lets nobody in.</param>
/// <param name="Service">IANA service name, compared without case; empty for any.</param>
public sealed record AccessRule(long Id, Selector LocalId, uint? User, uint? Group, string Socket, IdentityRoles Roles, string Service)
{
    /// <summary>A rule that lets nobody in, and so closes what its selector names.</summary>
    public static AccessRule Closing(Selector localId) => new(0, localId, User: null, Group: null, "", IdentityRoles.None, "");

    /// <summary>Whether its conditions hold.</summary>
    public bool Allows(AccessRequest request) =>
        Roles.HasFlag(request.Role.ToRoles())
        && (User is null || User == request.User)
        && (Group is not { } group || request.Groups.Contains(group))
        && (Socket.Length == 0 || Socket == request.Socket)
        && (Service.Length == 0 || string.Equals(Service, request.Service, StringComparison.OrdinalIgnoreCase));

    /// <summary>The conditions, for people.</summary>
    public override string ToString()
    {
        if (Roles == IdentityRoles.None)
            return "nobody";
        var conditions = new List<string>();
        if (User is { } user)
            conditions.Add($"uid {user}");
        if (Group is { } group)
            conditions.Add($"gid {group}");
        if (Socket.Length > 0)
            conditions.Add($"socket {Socket}");
        if (Roles != IdentityRoles.Both)
            conditions.Add($"role {Roles.ToString().ToLowerInvariant()}");
        if (Service.Length > 0)
            conditions.Add($"service {Service}");
        return conditions.Count == 0 ? "everybody" : string.Join(", ", conditions);
    }
}
