using System.CommandLine;
using System.Globalization;
using TlsPool.Cli.Consoles.Screens;
using TlsPool.Cli.Management;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Consoles;

/// <summary><c>tlspool console</c>.</summary>
internal static class ConsoleCommand
{
    private const double LeastRefresh = 0.5;
    private const double MostRefresh = 3600;

    internal static Command Create()
    {
        var command = new Command("console", "watch and manage a running pool, or a cluster, in a terminal; ? shows the keys");
        var screen = new Option<string>("--screen")
        {
            Description = "the first screen",
            HelpName = "name",
            DefaultValueFactory = _ => NameOf(ScreenTable.All[0]),
        };
        screen.AcceptOnlyFromAmong([.. ScreenTable.All.Select(NameOf)]);
        var node = new Option<string>("--node") { Description = "show this node only, instead of all", HelpName = "name", DefaultValueFactory = _ => "" };
        var refresh = new Option<double>("--refresh") { Description = "how often the node is asked", HelpName = "seconds", DefaultValueFactory = _ => 2 };
        refresh.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= LeastRefresh and <= MostRefresh))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--refresh takes {LeastRefresh} to {MostRefresh} seconds"));
        });
        command.Options.Add(screen);
        command.Options.Add(node);
        command.Options.Add(refresh);
        ManagementOptions reach = new ManagementOptions().AddTo(command);
        return command.Does(async (result, _) =>
        {
            var settings = new ConsoleSettings(
                ScreenTable.All.ToList().FindIndex(one => NameOf(one) == result.GetValue(screen)),
                result.GetValue(node)!,
                TimeSpan.FromSeconds(result.GetValue(refresh)));
            reach.Check(result);
            await ConsoleProgram.RunAsync(cancellation => reach.ConnectAsync(result, cancellation), settings).ConfigureAwait(false);
            return 0;
        });
    }

    private static string NameOf(Screen screen) => screen.Name.Replace(" ", "-", StringComparison.Ordinal).ToLowerInvariant();
}
