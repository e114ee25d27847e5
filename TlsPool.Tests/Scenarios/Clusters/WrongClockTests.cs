using System.Globalization;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Hosts whose clocks are wrong: what they knew of each other's changes counts, and not when their clocks say it was.</summary>
[Parallelizable]
[Category("Soak")]
public sealed class WrongClockTests
{
    /// <summary>Debian's libfaketime; all clocks but those that only ever count up.</summary>
    private const string FakeTime = "/usr/$LIB/faketime/libfaketime.so.1";
    private static readonly string[] Clocks = ["+0s", "+3600s", "-180s"];

    private NodesWithOneKey _nodes = null!;

    private ClusterOfProcesses Cluster => _nodes.Cluster;

    [OneTimeSetUp]
    public async Task Start()
    {
        _nodes = await NodesWithOneKey.StartAsync(environments: [.. Clocks.Select(clock => new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = FakeTime,
            ["FAKETIME"] = clock,
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        })]);
        TimeSpan ahead = await ClockAsync(1) - await ClockAsync(0);
        Assert.That(ahead, Is.GreaterThan(TimeSpan.FromMinutes(50)), "the clocks are not as wrong as they should be");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _nodes.DisposeAsync();

    [Test]
    public async Task The_last_change_wins_by_whichever_clock_it_was_made()
    {
        // Each changes what it has heard of from one whose clock may be ahead of its own.
        foreach (int maker in new[] { 1, 2, 0 })
        {
            const string name = "back-and-forth@local.example";
            await Cluster[maker].RunAsync("disclose", "add", "remote.example", name);
            await ExpectAsync(name, isThere: true);
            await Cluster[(maker + 1) % 3].RunAsync("disclose", "remove", "remote.example", name);
            await ExpectAsync(name, isThere: false);
        }
    }

    /// <summary>Keys of tickets that are made in a future more than five minutes away are not taken: then clients make a full handshake.</summary>
    [TestCase(1, 2, false)]
    [TestCase(2, 1, false)]
    [TestCase(0, 2, true)]
    [TestCase(2, 0, true)]
    public async Task Signatures_go_from_clock_to_clock_and_sessions_where_they_differ_by_minutes(int one, int other, bool resumes)
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess first = await _nodes.ServeAsync(one, backend.Address), second = await _nodes.ServeAsync(other, backend.Address);
        string session = Path.Combine(Cluster[one].Directory, $"session-{other}");
        await ClusterOfProcesses.WaitAsync(
            async () =>
            {
                string begun = await _nodes.TalkAsync(first, "-tls1_3", "-sess_out", session);
                string next = await _nodes.TalkAsync(second, "-tls1_3", "-sess_in", session);
                return begun.Contains("hello", StringComparison.Ordinal) && next.Contains("hello", StringComparison.Ordinal)
                    && (!resumes || next.Contains("Reused, TLSv1", StringComparison.Ordinal));
            },
            $"a client of {Clocks[one]} is served at {Clocks[other]}");
    }

    /// <summary>When a node's daemon started, by its own clock: its first record.</summary>
    private async Task<DateTimeOffset> ClockAsync(int node)
    {
        string record = (await Cluster[node].RunAsync("audit", "query", "--json")).Split('\n')[0];
        using var json = System.Text.Json.JsonDocument.Parse(record);
        return DateTimeOffset.Parse(json.RootElement.GetProperty("time").GetString()!, CultureInfo.InvariantCulture);
    }

    private async Task ExpectAsync(string name, bool isThere)
    {
        for (int i = 0; i < Clocks.Length; i++)
        {
            int node = i;
            await ClusterOfProcesses.WaitAsync(
                async () => (await Cluster[node].RunAsync("disclose", "list")).Contains(name, StringComparison.Ordinal) == isThere,
                $"{Clocks[node]} {(isThere ? "has" : "has no")} {name}");
        }
    }
}
