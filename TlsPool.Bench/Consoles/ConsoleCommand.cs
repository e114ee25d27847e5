using System.CommandLine;

namespace TlsPool.Bench.Consoles;

/// <summary>The command line of the figures of the console.</summary>
internal static class ConsoleCommand
{
    private static readonly int[] Counts = [1_000, 10_000, 100_000];

    public static Command Create()
    {
        var sessions = new Option<int[]>("--sessions") { DefaultValueFactory = _ => Counts, Description = "Sessions that there are.", AllowMultipleArgumentsPerToken = true };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 20, Description = "How long the node is watched." };
        var command = new Command("console", "Measures how soon a console shows many sessions, and what it costs the node.") { sessions, seconds };
        command.SetAction((parsed, cancellation) => ConsoleFigures.RunAsync(parsed.GetRequiredValue(sessions), parsed.GetValue(seconds), cancellation));
        return command;
    }
}
