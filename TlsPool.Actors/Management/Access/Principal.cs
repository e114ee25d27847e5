using TlsPool.Actors.Audit;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Management.Access;

/// <summary>Somebody who manages the pool, once it is known who that is. Immutable.</summary>
/// <param name="Name"><c>uid 0</c> for a process of this host; the identity of a certificate, such as <c>alice@example.com</c>, for others.</param>
/// <param name="Role">What they may do.</param>
public sealed record Principal(string Name, ManagementRole Role)
{
    /// <summary>The process, where it is one of this host.</summary>
    public PeerCredentials? Process { get; init; }

    /// <summary>The node that passed the request on; empty if it came to this one.</summary>
    public string Node { get; init; } = "";

    /// <summary>For the audit trail and for people.</summary>
    public override string ToString() => Node.Length == 0 ? $"{Name} ({RoleName})" : $"{Name} ({RoleName}) through {Node}";

    /// <summary>The role in lower case.</summary>
    public string RoleName => Role.ToString().ToLowerInvariant();

    /// <summary>Something this one did, or wanted to do, for the audit trail.</summary>
    /// <param name="allowed">True if it was done.</param>
    /// <param name="what">What it was.</param>
    internal AuditEvent Event(bool allowed, string what) => new(AuditKind.Administration, allowed, $"{what}, by {this}") { Application = Process };
}
