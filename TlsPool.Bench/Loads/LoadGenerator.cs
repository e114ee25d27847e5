using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TlsPool.Bench.Peers;

namespace TlsPool.Bench.Loads;

/// <summary>The clients, which are the same programs for every contestant.</summary>
internal static partial class LoadGenerator
{
    private const int FullClients = 4;

    /// <summary>
    /// Full handshakes by several <c>openssl s_time -new</c>. Its own rate divides by whole seconds, so the rate is
    /// counted over the time that all of them took.
    /// </summary>
    public static async Task<LoadResult> FullHandshakesAsync(int port, int seconds, CancellationToken cancellation)
    {
        string[] arguments =
        [
            "s_time", "-connect", $"127.0.0.1:{port}", "-new", "-tls1_3", "-ciphersuites", BenchSetup.CipherSuite,
            "-www", Backend.SmallPath, "-time", Text(seconds),
        ];
        var since = Stopwatch.GetTimestamp();
        var outputs = await Task.WhenAll(
            Enumerable.Range(0, FullClients).Select(_ => ClientProgram.RunAsync("openssl", arguments, cancellation)));
        var elapsed = Stopwatch.GetElapsedTime(since);
        return new LoadResult(outputs.Sum(output => Number(SecondsLine().Match(output), output)), 0, elapsed);
    }

    /// <summary>Connections of one request each by <c>wrk</c>, which resumes its sessions.</summary>
    public static Task<LoadResult> ResumedAsync(BenchSetup setup, int port, int seconds, CancellationToken cancellation) =>
        WrkAsync(setup, port, seconds, Backend.SmallPath, 64, ["--header", "Connection: close"], cancellation);

    /// <summary>Bodies of 1 MiB on kept connections by <c>wrk</c>.</summary>
    public static Task<LoadResult> BulkAsync(BenchSetup setup, int port, int seconds, CancellationToken cancellation) =>
        WrkAsync(setup, port, seconds, Backend.LargePath, 16, [], cancellation);

    private static async Task<LoadResult> WrkAsync(BenchSetup setup, int port, int seconds, string path, int connections,
        string[] extra, CancellationToken cancellation)
    {
        var script = setup.Write("report.lua", """
            done = function(summary)
                local errors = summary.errors
                io.write(string.format("REPORT %d %d %d %d\n", summary.requests, summary.bytes, summary.duration,
                    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
            end

            """);
        var output = await ClientProgram.RunAsync("wrk",
            [
                "--threads", Text(Math.Min(connections, BenchSetup.Workers)), "--connections", Text(connections),
                "--duration", $"{seconds}s", "--script", script, .. extra, $"https://127.0.0.1:{port}{path}",
            ], cancellation);
        var report = ReportLine().Match(output);
        var requests = Number(report, output);
        var errors = long.Parse(report.Groups[4].Value, CultureInfo.InvariantCulture);
        if (errors > requests / 100) throw new InvalidOperationException($"wrk met {errors} errors in {requests} requests:\n{output}");
        return new LoadResult(requests, long.Parse(report.Groups[2].Value, CultureInfo.InvariantCulture),
            TimeSpan.FromMicroseconds(long.Parse(report.Groups[3].Value, CultureInfo.InvariantCulture)));
    }

    private static long Number(Match match, string output) => match.Success
        ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"A load generator did not report:\n{output}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d+) connections in \d+ real seconds", RegexOptions.Multiline)]
    private static partial Regex SecondsLine();

    [GeneratedRegex(@"^REPORT (\d+) (\d+) (\d+) (\d+)", RegexOptions.Multiline)]
    private static partial Regex ReportLine();
}
