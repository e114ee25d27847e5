using System.CommandLine;
using TlsPool.Actors.Access;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Identities;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Access;

/// <summary><c>tlspool access test</c>: which rule decides, and why.</summary>
internal static class AccessTestCommand
{
    internal static Command Create()
    {
        Argument<string> identity = IdentityCommands.IdentityArgument();
        var user = new Option<string>("--user") { Description = "user that the application runs as, by name or number", HelpName = "user", Required = true };
        var groups = new Option<string[]>("--group")
        {
            Description = "groups that it is in, by name or number (default: those of the user)",
            HelpName = "group",
            AllowMultipleArgumentsPerToken = true,
        };
        var socket = new Option<string?>("--socket") { Description = "socket of the pool that it comes through", HelpName = "path" };
        Option<IdentityRoles> role = IdentityCommands.RoleOption();
        Option<string?> service = AccessCommands.ServiceOption();
        Option<bool> json = Json.Option();
        var command = new Command("test", "say which rule decides about an application, and why; the exit code is 0 if it may use the identity")
        {
            identity, user, groups, socket, role, service, json,
        };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            DoNai localId = IdentityCommands.ParseIdentity(result.GetValue(identity)!);
            Accounts.Account account = Accounts.User(result.GetValue(user)!);
            uint[] members = result.GetValue(groups) is { Length: > 0 } named ? [.. named.Select(Accounts.Group)]
                : account is { Name: { } name, Group: { } main } ? Accounts.GroupsOf(name, main)
                : [];
            using PoolStoreAccess access = stores.Open(result);
            var rules = new AccessRules(access.Access.List(out _));
            List<(TlsRole Role, AccessVerdict Verdict)> verdicts =
            [
                .. Roles(result.GetValue(role)).Select(one => (one, rules.Check(localId.ToString(), new AccessRequest(
                    account.User,
                    members,
                    result.GetValue(socket) is { } path ? Path.GetFullPath(path) : "",
                    one,
                    AccessCommands.CheckService(result.GetValue(service)))))),
            ];
            if (result.GetValue(json))
                Json.Write(verdicts.Select(one => new
                {
                    Role = TlsNames.Role(one.Role),
                    one.Verdict.Allowed,
                    Selector = one.Verdict.Key?.ToString(),
                    Rule = one.Verdict.Rule?.Id,
                    one.Verdict.Reason,
                }));
            else
                verdicts.ForEach(one => Console.WriteLine(
                    $"{localId} as {TlsNames.Role(one.Role)}: {(one.Verdict.Allowed ? "allowed" : "refused")}, because {TerminalText.Printable(one.Verdict.Reason)}"));
            return verdicts.TrueForAll(one => one.Verdict.Allowed) ? 0 : 1;
        });
    }

    private static IEnumerable<TlsRole> Roles(IdentityRoles roles)
    {
        if (roles.HasFlag(IdentityRoles.Server))
            yield return TlsRole.Server;
        if (roles.HasFlag(IdentityRoles.Client))
            yield return TlsRole.Client;
    }
}
