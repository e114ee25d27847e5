using System.CommandLine;

namespace TlsPool.Bench.Clusters;

/// <summary>The command line of the figures of a cluster.</summary>
internal static class ClusterCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Description = "How often each is measured, in turn." };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 5, Description = "How long each load lasts." };
        var command = new Command("cluster", "Measures three nodes: signatures of another host against local ones, fail-over, and what a node costs.") { rounds, seconds };
        command.SetAction((parsed, cancellation) => ClusterFigures.RunAsync(parsed.GetValue(rounds), parsed.GetValue(seconds), cancellation));
        return command;
    }
}
