using NUnit.Framework;
using TlsPool.Cli.LocalIds;

namespace TlsPool.Tests.Cli.LocalIds;

/// <summary>Policies that decide whom a client is.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class AutoPickerTests
{
    [TestCase("First", "mary@a.example", "john@a.example", "john@a.example")]
    [TestCase("First", "mary@a.example", "", "mary@a.example")]
    [TestCase("First", "", "", null)]
    [TestCase("First", "", "", "john@a.example", "john@a.example", "mary@a.example")]
    [TestCase("First", "", "-", "", "john@a.example")]
    [TestCase("Only", "JOHN@a.example", "john@a.example", "john@a.example")]
    [TestCase("Only", "", "john@a.example", null, "mary@a.example")]
    [TestCase("Only", "", "", null)]
    [TestCase("Rule", "mary@a.example", "john@a.example", "mary@a.example")]
    [TestCase("Rule", "", "-", "")]
    [TestCase("Rule", "mary@a.example", "", null)]
    [TestCase("None", "mary@a.example", "john@a.example", "")]
    [TestCase("Refuse", "mary@a.example", "john@a.example", null)]
    public async Task A_policy_picks(string policy, string suggestion, string stored, string? expected, params string[] offered)
    {
        StoredEntry[] shown = stored.Length == 0 ? [] : [new StoredEntry(".server.example", 1, stored == "-" ? "" : stored)];
        LocalIdTurn turn = LocalIdTurn.Of("www.server.example", suggestion, 1, shown);
        Assert.That((await new AutoPicker(Enum.Parse<AutoPolicy>(policy), offered).PickAsync(turn, CancellationToken.None))?.LocalId, Is.EqualTo(expected));
    }
}
