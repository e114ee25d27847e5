using Akka.Actor;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Http.Endpoints;

/// <summary>Whether the node takes sessions.</summary>
/// <param name="Status">ready; degraded if it takes sessions, and some of them may fail; unready.</param>
/// <param name="Reasons">Why it is not ready.</param>
internal sealed record ReadinessView(string Status, IReadOnlyList<string> Reasons)
{
    /// <summary>True if it takes sessions.</summary>
    internal bool TakesSessions => Status != "unready";
}

/// <summary>Finds out whether the node takes sessions. Anybody may ask, so it looks once a second at most. Thread safe.</summary>
/// <param name="services">What there is to look at.</param>
internal sealed class Readiness(ManagementServices services)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<ReadinessView>? _last;
    private long _looked;

    /// <summary>How it is.</summary>
    internal Task<ReadinessView> LookAsync()
    {
        lock (_lock)
        {
            // What a signal has begun is seen at once.
            if (_last is null || services.Sessions.IsDraining || TimeProvider.System.GetElapsedTime(_looked) > Freshness)
                (_last, _looked) = (TryAsync(), TimeProvider.System.GetTimestamp());
            return _last;
        }
    }

    private async Task<ReadinessView> TryAsync()
    {
        if (services.Sessions.IsDraining)
            return new ReadinessView("unready", ["the daemon is ending: it takes no new sessions"]);
        try
        {
            await services.Pool.Ask<SessionProtocol.SessionCount>(SessionProtocol.CountSessions.Instance, Patience).ConfigureAwait(false);
            if (services.Policy is { } policy)
                await Task.Run(policy.Identities.List).ConfigureAwait(false);
            IReadOnlyList<TokenView> tokens = await TokensAsync().ConfigureAwait(false);
            int waiting = tokens.Count(token => token.State != "ready");
            return waiting == 0
                ? new ReadinessView("ready", [])
                : new ReadinessView("degraded", [$"{waiting} of {tokens.Count} tokens cannot sign: see 'tlspool token list'"]);
        }
        catch (StorageException)
        {
            return new ReadinessView("unready", ["the database cannot be read: see the log"]);
        }
        catch (AskTimeoutException)
        {
            return new ReadinessView("unready", ["a part of the daemon does not answer: see the log"]);
        }
    }

    private async Task<IReadOnlyList<TokenView>> TokensAsync()
    {
        using Arguments none = Arguments.Read([], []);
        var call = new OperationCall(services, new Principal("readiness", ManagementRole.Viewer), none, Paging.Of(none), CancellationToken.None);
        return await TokenOperations.ListAsync(call).ConfigureAwait(false);
    }
}
