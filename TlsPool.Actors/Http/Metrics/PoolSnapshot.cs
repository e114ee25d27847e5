using System.Diagnostics;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Sessions;

namespace TlsPool.Actors.Http.Metrics;

/// <summary>The node at one moment, as <c>/metrics</c> tells it. Immutable.</summary>
internal sealed record PoolSnapshot
{
    /// <summary>Sessions by state; all states are there.</summary>
    internal required IReadOnlyDictionary<string, int> Sessions { get; init; }

    /// <summary>Sessions that nobody controls.</summary>
    internal required int Detached { get; init; }

    /// <summary>True if no sessions are begun any more.</summary>
    internal required bool IsDraining { get; init; }

    /// <summary>Setups since the start.</summary>
    internal required HandshakeCounts Handshakes { get; init; }

    /// <summary>Application bytes since the start.</summary>
    internal required ByteCounts Bytes { get; init; }

    /// <summary>The tokens.</summary>
    internal required IReadOnlyList<TokenView> Tokens { get; init; }

    /// <summary>PINs that are waited for.</summary>
    internal required int PinRequests { get; init; }

    /// <summary>Nodes of the cluster.</summary>
    internal required NodeCounts Nodes { get; init; }

    /// <summary>When each credential's certificate expires.</summary>
    internal required IReadOnlyList<DateTimeOffset> Expiries { get; init; }

    /// <summary>How long it took to put this together.</summary>
    internal required TimeSpan Took { get; init; }

    /// <summary>Looks at everything once: what the instruments say is of one moment, and costs one look.</summary>
    internal static async Task<PoolSnapshot> TakeAsync(ManagementServices services, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        using Arguments none = Arguments.Read([], []);
        var call = new OperationCall(services, new Principal("metrics", ManagementRole.Viewer), none, Paging.Of(none), cancellation);
        IReadOnlyList<TokenView> tokens = await TokenOperations.ListAsync(call).ConfigureAwait(false);
        IReadOnlyList<DateTimeOffset> expiries = services.Policy is { } policy
            ? await Task.Run<IReadOnlyList<DateTimeOffset>>(() => [.. policy.Identities.List().Select(identity => identity.NotAfter)], cancellation).ConfigureAwait(false)
            : [];
        (IReadOnlyDictionary<string, int> states, int detached) = Count(services.Sessions);
        (long received, long sent) = services.Sessions.Bytes();
        return new PoolSnapshot
        {
            Sessions = states,
            Detached = detached,
            IsDraining = services.Sessions.IsDraining,
            Handshakes = new HandshakeCounts(services.Sessions.Established, services.Sessions.Resumed, services.Sessions.Failed),
            Bytes = new ByteCounts(received, sent),
            Tokens = tokens,
            PinRequests = services.Entries.Pins.Count(entry => entry.Kind == "pin-request"),
            Nodes = NodeOperations.Count(services),
            Expiries = expiries,
            Took = Stopwatch.GetElapsedTime(start),
        };
    }

    /// <summary>Sessions by state, and those that nobody controls.</summary>
    internal static (IReadOnlyDictionary<string, int> States, int Detached) Count(SessionTable sessions)
    {
        var states = SessionRow.States.ToDictionary(state => state, _ => 0);
        int detached = 0;
        foreach (SessionEntry entry in sessions.All)
        {
            states[SessionRow.StateOf(entry)]++;
            detached += entry.Controller is null ? 1 : 0;
        }
        return (states, detached);
    }
}
