using TlsPool.Actors.Management.Views;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Entry;

/// <summary>
/// Where the services of people write who waits and who serves, for those who look on. Of services that all nodes share, the node that keeps
/// order has them. Thread safe.
/// </summary>
internal sealed class EntryBoard
{
    private volatile IReadOnlyList<EntryView> _pins = [];
    private volatile IReadOnlyList<EntryView> _localIds = [];

    /// <summary>PIN entry at present.</summary>
    internal IReadOnlyList<EntryView> Pins
    {
        get => _pins;
        set => _pins = value;
    }

    /// <summary>The choice of local identities at present.</summary>
    internal IReadOnlyList<EntryView> LocalIds
    {
        get => _localIds;
        set => _localIds = value;
    }

    /// <summary>All of it.</summary>
    /// <param name="node">The node that says so.</param>
    internal IReadOnlyList<EntryView> All(string node) => [.. _pins.Concat(_localIds).Select(view => view with { Node = node })];

    /// <summary>A program.</summary>
    /// <param name="kind">pin-program or localid-program.</param>
    /// <param name="program">The program.</param>
    /// <param name="state">What it does.</param>
    /// <param name="detail">Whom it serves.</param>
    internal static EntryView Program(string kind, PeerCredentials program, string state, string detail) =>
        new("", kind, program.Executable.Length > 0 ? program.Executable : "(unknown)", state, detail, program.UserId, program.ProcessId);
}
