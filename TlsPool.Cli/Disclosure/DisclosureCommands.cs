using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Identities;
using TlsPool.Cli.Stores;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Disclosure;

/// <summary><c>tlspool disclose</c>: whom the pool's clients are to others.</summary>
internal static class DisclosureCommands
{
    internal static Command Create() =>
        new("disclose", "disclosure rules: which local identity clients show to whom") { CreateAdd(), CreateList(), CreateRemove(), DisclosureTestCommand.Create() };

    /// <summary>Why an identity cannot be shown; null if it can.</summary>
    internal static string? Obstacle(PoolStoreAccess access, DoNai identity) =>
        access.Identities.Find(identity).Any(credential => credential.Roles.HasFlag(IdentityRoles.Client)) ? null : $"{identity} has no credential for clients";

    private static Command CreateAdd()
    {
        Argument<string> selector = Selectors.Argument("remote identities");
        var identities = new Argument<string[]>("identity")
        {
            Description = "local identities that they may be shown, the preferred one first",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var nobody = new Option<bool>("--nobody") { Description = "if none of the others can be used, show no identity" };
        var refuse = new Option<bool>("--refuse") { Description = "if none of the others can be used, refuse applications that suggest one" };
        var first = new Option<bool>("--first") { Description = "put them before the entries that are there, not behind" };
        var command = new Command("add", "say which local identities clients may show to whom") { selector, identities, nobody, refuse, first };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            Selector remote = Selectors.Read(result.GetValue(selector)!);
            List<Disclosed> shown = [.. (result.GetValue(identities) ?? []).Select(text => Disclosed.Of(IdentityCommands.ParseIdentity(text)))];
            if (result.GetValue(nobody) && result.GetValue(refuse))
                throw new CommandException("--nobody and --refuse exclude each other");
            if (result.GetValue(nobody))
                shown.Add(Disclosed.Nobody);
            if (result.GetValue(refuse))
                shown.Add(Disclosed.Refusal);
            if (shown.Count == 0)
                throw new CommandException("name a local identity, --nobody or --refuse");
            using PoolStoreAccess access = stores.Open(result);
            foreach (string warning in shown.Select(one => one.Identity).OfType<DoNai>().Select(identity => Obstacle(access, identity)).OfType<string>())
                Console.Error.WriteLine($"warning: {warning} yet: see 'tlspool identity generate --help'");
            int added = access.Disclosure.Add(remote, shown, result.GetValue(first));
            if (added > 0)
                access.Record($"disclosure rule for {remote} shows {string.Join(", ", shown)}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{remote}: {added} added, {shown.Count - added} were there already"));
            return 0;
        });
    }

    private static Command CreateList()
    {
        Option<bool> json = Json.Option();
        var command = new Command("list", "all disclosure rules") { json };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            using PoolStoreAccess access = stores.Open(result);
            IReadOnlyList<DisclosureEntry> entries = access.Disclosure.List(out IReadOnlyList<DamagedRule> damaged);
            foreach (DamagedRule broken in damaged)
                Console.Error.WriteLine($"warning: an entry for '{TerminalText.Printable(broken.Selector)}' is damaged, and shows nobody: 'tlspool disclose remove' takes it away");
            List<DisclosureView> views = [.. entries.GroupBy(entry => entry.Remote).Select(group => DisclosureView.Of(group.Key, group))];
            if (result.GetValue(json))
                Json.Write(views);
            else if (views.Count == 0)
                Console.WriteLine("There are no rules: clients show what the application suggests.");
            else
                views.ForEach(view => Console.WriteLine($"{view.Remote,-32} {string.Join(", ", view.Shows)}"));
            return 0;
        });
    }

    private static Command CreateRemove()
    {
        Argument<string> selector = Selectors.Argument("remote identities");
        var identities = new Argument<string[]>("identity")
        {
            Description = "local identities to take out; none for the whole rule",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var nobody = new Option<bool>("--nobody") { Description = "take out what --nobody added" };
        var refuse = new Option<bool>("--refuse") { Description = "take out what --refuse added" };
        var command = new Command("remove", "take a rule away, or entries of it") { selector, identities, nobody, refuse };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            List<Disclosed> shown = [.. (result.GetValue(identities) ?? []).Select(text => Disclosed.Of(IdentityCommands.ParseIdentity(text)))];
            if (result.GetValue(nobody))
                shown.Add(Disclosed.Nobody);
            if (result.GetValue(refuse))
                shown.Add(Disclosed.Refusal);
            using PoolStoreAccess access = stores.Open(result);
            int removed = access.Disclosure.Remove(Selectors.Key(result.GetValue(selector)!), shown);
            if (removed == 0)
                throw new CommandException("there is no such entry: see 'tlspool disclose list'");
            access.Record(string.Create(CultureInfo.InvariantCulture, $"{removed} entries of the disclosure rule for {result.GetValue(selector)} removed"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{removed} removed"));
            return 0;
        });
    }
}
