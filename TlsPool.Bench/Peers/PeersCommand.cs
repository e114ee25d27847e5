using System.CommandLine;
using TlsPool.Bench.Loads;

namespace TlsPool.Bench.Peers;

/// <summary>The command line of the comparison with other TLS proxies.</summary>
internal static class PeersCommand
{
    private static readonly string[] AllColumns = ["full", "resumed", "bulk", "memory"];

    public static Command Create()
    {
        var only = List("--only", "Contestants to run, of: " + string.Join(", ", Contestants.Names), Contestants.Names);
        var columns = List("--columns", "What to measure, of: " + string.Join(", ", AllColumns), AllColumns);
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Description = "How often each contestant runs." };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 5, Description = "How long each load lasts." };
        var sessions = new Option<int>("--sessions") { DefaultValueFactory = _ => 5000, Description = "Idle sessions to hold." };
        var output = new Option<DirectoryInfo>("--out")
        {
            DefaultValueFactory = _ => new DirectoryInfo("artifacts/bench"),
            Description = "Where the table and the figures of each run go.",
        };
        var command = new Command("peers", "Compares tlspool tunnel with stunnel, haproxy, nginx stream and hitch.")
        {
            only, columns, rounds, seconds, sessions, output,
        };
        command.SetAction((parsed, cancellation) => new Comparison(
            parsed.GetRequiredValue(only),
            new LoadPlan(parsed.GetRequiredValue(columns), parsed.GetValue(seconds), parsed.GetValue(sessions)),
            parsed.GetValue(rounds),
            parsed.GetRequiredValue(output)).RunAsync(cancellation));
        return command;
    }

    private static Option<string[]> List(string name, string description, string[] allowed)
    {
        var option = new Option<string[]>(name)
        {
            Description = description,
            DefaultValueFactory = _ => allowed,
            CustomParser = parsed => parsed.Tokens.SelectMany(token => token.Value.Split(',')).ToArray(),
        };
        option.Validators.Add(parsed =>
        {
            foreach (var item in (parsed.GetValueOrDefault<string[]>() ?? []).Except(allowed))
                parsed.AddError($"{name} knows {string.Join(", ", allowed)}, not {item}.");
        });
        return option;
    }
}
