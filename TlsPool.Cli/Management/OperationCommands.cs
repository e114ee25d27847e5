using System.CommandLine;
using System.Text.Json;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Remoting;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Management;

/// <summary>Commands that a running daemon does: <c>tlspool session list</c> and all others of the operations that no other command has.</summary>
internal static class OperationCommands
{
    private static readonly (string Noun, string Description)[] Nouns =
    [
        ("node", "the nodes of the cluster, or this host alone"),
        ("session", "sessions that run"),
        ("token", "tokens, and their logins"),
        ("entry", "PINs that are waited for, and programs that serve people"),
        ("log", "the last lines of the log, and its level"),
    ];

    internal static IEnumerable<Command> Create() => Nouns.Select(noun =>
    {
        var command = new Command(noun.Noun, noun.Description);
        foreach (Operation operation in OperationCatalogue.All.Where(operation => operation.Noun == noun.Noun))
            command.Subcommands.Add(Create(operation));
        return command;
    });

    private static Command Create(Operation operation)
    {
        var command = new Command(operation.Verb, $"{operation.Summary} (role: {operation.Role.ToString().ToLowerInvariant()})");
        List<OperationOption> options = [.. operation.Parameters.Select(parameter => OperationOption.Of(parameter))];
        foreach (OperationOption option in options)
            option.AddTo(command);
        var node = new Option<string>("--node")
        {
            Description = operation.Scope == OperationScope.AllNodes ? "this node only, instead of all" : "the node that is to do it, instead of the one that is asked",
            HelpName = "name",
            DefaultValueFactory = _ => "",
        };
        if (operation.Scope != OperationScope.Policy)
            command.Options.Add(node);
        var all = new Option<bool>("--all") { Description = "all of it, part by part" };
        bool isList = operation.Parameters.Any(parameter => parameter.Name == "after");
        if (isList)
            command.Options.Add(all);
        var yes = new Option<bool>("--yes") { Description = "do not ask" };
        if (operation.Confirms is not null)
            command.Options.Add(yes);
        Option<bool> json = Json.Option();
        command.Options.Add(json);
        ManagementOptions reach = new ManagementOptions().AddTo(command);
        return command.Does(async (result, cancellation) =>
        {
            if (operation.Confirms is { } confirmed && !result.GetValue(yes))
                Confirmation.Ask(operation, options.First(option => option.Name == confirmed).TextOf(result), cancellation);
            var arguments = new Dictionary<string, object?>();
            foreach (OperationOption option in options)
                arguments[option.Name] = option.ValueOf(result, cancellation);
            ManagementClient client = await reach.ConnectAsync(result, cancellation).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
            {
                var output = new OperationOutput(operation, result.GetValue(json), isList && result.GetValue(all));
                string where = operation.Scope == OperationScope.Policy ? "" : result.GetValue(node)!;
                return await RunAsync(client, operation, arguments, where, output, cancellation).ConfigureAwait(false);
            }
        });
    }

    private static async Task<int> RunAsync(
        ManagementClient client, Operation operation, Dictionary<string, object?> arguments, string node, OperationOutput output, CancellationToken cancellation)
    {
        while (true)
        {
            ReadOnlyMemory<byte> body = await client.DoAsync(operation.Name, ArgumentWriter.Write(arguments), node, cancellation).ConfigureAwait(false);
            using JsonDocument answer = JsonDocument.Parse(body);
            if (output.Write(answer.RootElement) is not { } next)
                return output.ExitCode;
            arguments["after"] = next;
        }
    }
}
