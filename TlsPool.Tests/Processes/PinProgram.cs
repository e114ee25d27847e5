using System.Text;
using TlsPool.Protocol.Client;

namespace TlsPool.Tests.Processes;

/// <summary>A PIN program on the client library.</summary>
internal sealed class PinProgram : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TlsPoolClient _client;
    private readonly List<PinPrompt> _prompts = [];

    internal PinProgram(PoolProcess pool, Func<PinPrompt, string> enter, TimeSpan? lockTime = null)
    {
        _client = pool.Client();
        Serving = _client.ServePinEntryAsync(
            (prompt, _) =>
            {
                lock (_prompts)
                    _prompts.Add(prompt);
                return ValueTask.FromResult(Encoding.UTF8.GetBytes(enter(prompt)));
            },
            lockTime ?? TimeSpan.FromSeconds(60),
            _stop.Token);
    }

    internal Task Serving { get; }

    internal IReadOnlyList<PinPrompt> Prompts
    {
        get
        {
            lock (_prompts)
                return [.. _prompts];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Serving.ContinueWith(ended => ended.Exception, TaskScheduler.Default);
        await _client.DisposeAsync();
        _stop.Dispose();
    }
}
