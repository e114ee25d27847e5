using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Access;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Identities;
using TlsPool.Cli.Stores;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Access;

/// <summary><c>tlspool access</c>: which application may be whom.</summary>
internal static class AccessCommands
{
    internal static Command Create() =>
        new("access", "access rules: which applications may use which local identity") { CreateAdd(), CreateList(), CreateRemove(), AccessTestCommand.Create() };

    internal static Option<string?> ServiceOption() => new("--service") { Description = "IANA service name", HelpName = "name" };

    /// <summary>A service name that a frame can hold.</summary>
    /// <exception cref="CommandException">None can.</exception>
    internal static string CheckService(string? service) => service is null || System.Text.Encoding.UTF8.GetByteCount(service) <= StartTlsMessage.ServiceSize
        ? service ?? ""
        : throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"a service name has at most {StartTlsMessage.ServiceSize} bytes"));

    private static Command CreateAdd()
    {
        Argument<string> selector = Selectors.Argument("local identities");
        var user = new Option<string?>("--user") { Description = "user who may use them, by name or number", HelpName = "user" };
        var group = new Option<string?>("--group") { Description = "group whose members may use them, by name or number", HelpName = "group" };
        var socket = new Option<string?>("--socket") { Description = "only through this socket of the pool", HelpName = "path" };
        Option<IdentityRoles> role = IdentityCommands.RoleOption();
        Option<string?> service = ServiceOption();
        var nobody = new Option<bool>("--nobody") { Description = "let nobody use them" };
        var command = new Command("add", "let somebody use local identities, and nobody else: all conditions of a rule have to hold")
        {
            selector, user, group, socket, role, service, nobody,
        };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            Selector localId = Selectors.Read(result.GetValue(selector)!);
            var rule = new AccessRule(
                Id: 0,
                localId,
                result.GetValue(user) is { } name ? Accounts.User(name).User : null,
                result.GetValue(group) is { } members ? Accounts.Group(members) : null,
                result.GetValue(socket) is { } path ? Path.GetFullPath(path) : "",
                result.GetValue(role),
                CheckService(result.GetValue(service)));
            if (result.GetValue(nobody))
            {
                if (rule with { Roles = IdentityRoles.None } != AccessRule.Closing(localId) || rule.Roles != IdentityRoles.Both)
                    throw new CommandException("--nobody takes no conditions");
                rule = AccessRule.Closing(localId);
            }
            using PoolStoreAccess access = stores.Open(result);
            bool added = access.Access.TryAdd(rule);
            if (added)
                access.Record($"access rule added for {localId}: {rule}");
            Console.WriteLine(added ? $"{localId}: {rule} may use it, and others only by rules of their own" : $"{localId}: that rule is there already");
            return 0;
        });
    }

    private static Command CreateList()
    {
        Option<bool> json = Json.Option();
        var command = new Command("list", "all access rules") { json };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            using PoolStoreAccess access = stores.Open(result);
            IReadOnlyList<AccessRule> rules = access.Access.List(out IReadOnlyList<DamagedRule> damaged);
            foreach (DamagedRule broken in damaged)
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"warning: rule {broken.Id} for '{TerminalText.Printable(broken.Selector)}' is damaged, and lets in nobody: 'tlspool access remove {broken.Id}'"));
            if (result.GetValue(json))
                Json.Write(rules.Select(AccessView.Of));
            else if (rules.Count == 0)
                Console.WriteLine("There are no rules: whoever may open the socket may use every local identity.");
            else
                foreach (AccessRule rule in rules)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rule.Id,4} {rule.LocalId,-32} {TerminalText.Printable(rule.ToString())}"));
            return 0;
        });
    }

    private static Command CreateRemove()
    {
        var which = new Argument<string>("rule") { Description = "number of a rule in 'tlspool access list', or a selector for all of its rules" };
        var command = new Command("remove", "take rules away") { which };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            string text = result.GetValue(which)!;
            bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
            string key = isNumber ? "" : Selectors.Read(text).Key;
            using PoolStoreAccess access = stores.Open(result);
            int removed = access.Access.Remove(isNumber ? [number] : access.Access.List(out _).Where(rule => rule.LocalId.Key == key).Select(rule => rule.Id));
            if (removed == 0)
                throw new CommandException("there is no such rule: see 'tlspool access list'");
            access.Record(string.Create(CultureInfo.InvariantCulture, $"{removed} access rule(s) removed: {text}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{removed} rule(s) removed"));
            return 0;
        });
    }
}
