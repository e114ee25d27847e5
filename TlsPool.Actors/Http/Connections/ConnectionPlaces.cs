using System.Collections.Concurrent;

namespace TlsPool.Actors.Http.Connections;

/// <summary>Connections of each caller: nobody takes all there are. Thread safe.</summary>
internal sealed class ConnectionPlaces
{
    /// <summary>Connections of all.</summary>
    internal const int MaxAll = 128;

    /// <summary>Of these, connections of one caller.</summary>
    internal const int MaxOfOne = 32;

    private readonly ConcurrentDictionary<string, int> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes a place, which has to be given back whatever the answer is.</summary>
    /// <returns>False if there is none.</returns>
    internal bool TryTake(HttpCaller caller) => _taken.AddOrUpdate(caller.Account, 1, (_, count) => count + 1) <= MaxOfOne;

    /// <summary>Gives a place back.</summary>
    internal void Leave(HttpCaller caller)
    {
        if (_taken.AddOrUpdate(caller.Account, 0, (_, count) => count - 1) <= 0)
            _taken.TryRemove(new KeyValuePair<string, int>(caller.Account, 0));
    }
}
