using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Management.Operations;

/// <summary>One use of an <see cref="Operation"/>.</summary>
/// <param name="Services">What there is to manage.</param>
/// <param name="Principal">Who wants it.</param>
/// <param name="Arguments">What was said.</param>
/// <param name="Paging">Which part of a list is wanted.</param>
/// <param name="Cancellation">Ends when nobody waits any more.</param>
internal sealed record OperationCall(
    ManagementServices Services, Principal Principal, Arguments Arguments, Paging Paging, CancellationToken Cancellation)
{
    /// <summary>Name of this node.</summary>
    internal string Node => Services.Node;

    /// <summary>Refuses.</summary>
    internal static ManagementException Refuse(ManagementFault fault, string message) => new(fault, message);
}
