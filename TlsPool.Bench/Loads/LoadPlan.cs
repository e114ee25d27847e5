namespace TlsPool.Bench.Loads;

/// <summary>Which columns are measured, for how many seconds each, and with how many idle sessions.</summary>
internal sealed record LoadPlan(string[] Columns, int Seconds, int Sessions);
