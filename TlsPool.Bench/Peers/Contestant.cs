namespace TlsPool.Bench.Peers;

/// <summary>A TLS proxy that runs: its processes, and the loopback port it serves.</summary>
internal sealed class Contestant(int port, params PeerProcess[] processes) : IDisposable
{
    public int Port => port;

    public TimeSpan CpuTime => ProcessFigures.CpuTime(Roots);

    public long Memory => ProcessFigures.Memory(Roots);

    public int Threads => ProcessFigures.Threads(Roots);

    private IEnumerable<int> Roots => processes.Select(process => process.Id);

    public void Dispose()
    {
        foreach (var process in processes.Reverse()) process.Dispose();
    }
}
