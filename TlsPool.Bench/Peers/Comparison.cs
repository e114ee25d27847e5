using System.Text.Json;
using System.Text.Json.Serialization;
using TlsPool.Bench.Loads;

namespace TlsPool.Bench.Peers;

/// <summary>Runs every contestant in every round, in an order that rotates, and writes the medians.</summary>
internal sealed class Comparison(string[] names, LoadPlan plan, int rounds, DirectoryInfo output)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var setup = new BenchSetup();
        using var backend = await Backend.StartAsync(setup, cancellation);
        var figures = names.ToDictionary(name => name, _ => new List<LoadFigures>());
        for (var round = 0; round < rounds; round++)
        {
            for (var place = 0; place < names.Length; place++)
            {
                var name = names[(round + place) % names.Length];
                var measured = await new Measurement(name, setup, plan).RunAsync(cancellation);
                figures[name].Add(measured);
                Console.WriteLine($"round {round + 1}/{rounds} {name}: {JsonSerializer.Serialize(measured, Json).ReplaceLineEndings(" ")}");
            }
        }

        var table = ResultTable.Format(figures);
        output.Create();
        await File.WriteAllTextAsync(Path.Combine(output.FullName, "peers.json"), JsonSerializer.Serialize(figures, Json), cancellation);
        await File.WriteAllTextAsync(Path.Combine(output.FullName, "peers.md"), table, cancellation);
        Console.WriteLine();
        Console.WriteLine(table);
        Console.WriteLine($"Every figure of every round: {Path.Combine(output.FullName, "peers.json")}");
        return 0;
    }
}
