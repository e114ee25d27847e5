using System.Globalization;

namespace TlsPool.Tests.Processes;

/// <summary>A running <c>tlspool tunnel</c>.</summary>
internal sealed class TunnelProcess(ChildProcess process, int port) : IAsyncDisposable
{
    internal int Port => port;

    internal string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    internal string Output => process.Output;

    internal ChildProcess Process => process;

    /// <summary>Waits for the lines of connections: <c>established</c> or <c>failed</c>.</summary>
    internal async Task<string[]> ConnectionsAsync(int count)
    {
        string output = await process.WaitForAsync(text => Connections(text).Length >= count);
        return Connections(output);
    }

    public async ValueTask DisposeAsync() => await process.DisposeAsync();

    private static string[] Connections(string output) => [.. output.Split('\n')
        .Where(line => line.StartsWith("{\"event\":\"established\"", StringComparison.Ordinal) || line.StartsWith("{\"event\":\"failed\"", StringComparison.Ordinal))
        .Where(line => line.EndsWith('}'))];
}
