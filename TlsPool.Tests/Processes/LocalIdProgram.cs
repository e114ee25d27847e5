using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Scenarios;

namespace TlsPool.Tests.Processes;

/// <summary>A program that chooses local identities, by the client library, for as long as it is not disposed.</summary>
internal sealed class LocalIdProgram : IAsyncDisposable
{
    private const string Registered = "chooses local identities (";
    private const string Gone = "that chooses local identities is gone";

    private readonly PoolProcess _pool;
    private readonly TlsPoolClient _client;

    private LocalIdProgram(PoolProcess pool, TlsPoolClient client, Task serving) => (_pool, _client, Serving) = (pool, client, serving);

    /// <summary>Ends when the pool ends the registration.</summary>
    internal Task Serving { get; }

    /// <summary>Registers, and waits until the pool knows.</summary>
    internal static async Task<LocalIdProgram> StartAsync(
        PoolProcess pool, LocalIdChooser chooser, LidEntryFlags flags = LidEntryFlags.None, int seconds = 60)
    {
        int before = Count(pool, Registered);
        TlsPoolClient client = pool.Client();
        var program = new LocalIdProgram(pool, client, client.ServeLocalIdAsync(chooser, flags, TimeSpan.FromSeconds(seconds)));
        await Waiting.ForAsync(() => Count(pool, Registered) > before || program.Serving.IsCompleted);
        return program;
    }

    /// <summary>Registers a program that always gives the same answer.</summary>
    internal static Task<LocalIdProgram> StartAsync(PoolProcess pool, LocalIdChoice? choice, LidEntryFlags flags = LidEntryFlags.None) =>
        StartAsync(pool, (_, _) => ValueTask.FromResult(choice), flags);

    public async ValueTask DisposeAsync()
    {
        int before = Count(_pool, Gone);
        bool served = !Serving.IsCompleted;
        await _client.DisposeAsync();
        await Serving.ContinueWith(_ => { }, TaskScheduler.Default);
        if (served)
            await Waiting.ForAsync(() => Count(_pool, Gone) > before);
    }

    private static int Count(PoolProcess pool, string text) => pool.Log.Split(text).Length - 1;
}
