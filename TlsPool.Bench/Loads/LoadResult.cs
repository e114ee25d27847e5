namespace TlsPool.Bench.Loads;

/// <summary>What a load generator counted, over the time it really took.</summary>
internal sealed record LoadResult(long Requests, long Bytes, TimeSpan Elapsed)
{
    public double Rate => Requests / Elapsed.TotalSeconds;

    public double Megabytes => Bytes / 1e6;
}
