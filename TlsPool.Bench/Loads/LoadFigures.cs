namespace TlsPool.Bench.Loads;

/// <summary>What one run of one contestant gave; null where a column was not asked for.</summary>
internal sealed record LoadFigures
{
    /// <summary>Full TLS 1.3 handshakes a second, each with a small request.</summary>
    public double? FullRate { get; init; }

    /// <summary>CPU time of the contestant's processes per full handshake, in microseconds.</summary>
    public double? FullCpu { get; init; }

    /// <summary>Resumed connections a second, each with a small request.</summary>
    public double? ResumedRate { get; init; }

    /// <summary>CPU time of the contestant's processes per resumed connection, in microseconds.</summary>
    public double? ResumedCpu { get; init; }

    /// <summary>MB (10^6 bytes) a second of 1 MiB bodies on kept connections.</summary>
    public double? BulkRate { get; init; }

    /// <summary>CPU time of the contestant's processes per MB, in microseconds.</summary>
    public double? BulkCpu { get; init; }

    /// <summary>Kilobytes (10^3) of proportional set size per idle session.</summary>
    public double? SessionMemory { get; init; }

    /// <summary>Sessions that answered a request after they were counted as idle.</summary>
    public int? LiveSessions { get; init; }

    /// <summary>Threads of all its processes with those sessions open.</summary>
    public int? Threads { get; init; }
}
