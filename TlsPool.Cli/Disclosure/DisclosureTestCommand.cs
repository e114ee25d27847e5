using System.CommandLine;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.Management.Views;
using TlsPool.Cli.Identities;
using TlsPool.Cli.Stores;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Disclosure;

/// <summary><c>tlspool disclose test</c>: which rule decides, and why.</summary>
internal static class DisclosureTestCommand
{
    internal static Command Create()
    {
        var remote = new Argument<string>("remoteid") { Description = "with whom a client wants to talk: domain or user@domain, or \"\" for a client that does not say" };
        var suggest = new Option<string>("--suggest") { Description = "local identity that the application suggests", HelpName = "identity", DefaultValueFactory = _ => "" };
        Option<bool> json = Json.Option();
        var command = new Command("test", "say which rule decides about a remote identity, and why; the exit code is 0 if a client gets on") { remote, suggest, json };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            string remoteId = result.GetValue(remote)!;
            string suggestion = result.GetValue(suggest)!;
            if (remoteId.Length > 0)
                IdentityCommands.ParseIdentity(remoteId);
            if (suggestion.Length > 0)
                IdentityCommands.ParseIdentity(suggestion);
            using PoolStoreAccess access = stores.Open(result);
            var rules = new DisclosureRules(access.Disclosure.List(out _));
            DisclosureDecision decision = rules.Decide(remoteId, suggestion, identity => DisclosureCommands.Obstacle(access, identity));
            List<DisclosureKey> matching = [.. rules.Search(remoteId)];
            if (result.GetValue(json))
                Json.Write(new
                {
                    RemoteId = remoteId,
                    Suggestion = suggestion,
                    decision.Allowed,
                    decision.LocalId,
                    Selector = decision.Key?.ToString(),
                    decision.Reason,
                    Matching = matching.Select(key => new { key.Level, Rule = DisclosureView.Of(key.Selector, key.Entries) }),
                });
            else
                Explain(remoteId, decision, matching);
            return decision.Allowed ? 0 : 1;
        });
    }

    private static void Explain(string remoteId, DisclosureDecision decision, List<DisclosureKey> matching)
    {
        string remote = remoteId.Length == 0 ? "a remote identity that is not named" : remoteId;
        string what = !decision.Allowed ? "a client is refused" : decision.LocalId.Length == 0 ? "no identity is shown" : decision.LocalId;
        Console.WriteLine($"{remote}: {what}, because {decision.Reason}");
        IEnumerable<Selector> search = DoNai.TryParse(remoteId, out DoNai? identity) ? Selector.Search(identity) : Selector.MostGeneral;
        foreach (string selector in search.Select(selector => selector.ToString()))
        {
            DisclosureKey? key = matching.Find(candidate => candidate.Selector.ToString() == selector);
            string entries = key is null ? "no rule" : string.Join(", ", DisclosureView.Of(key.Selector, key.Entries).Shows);
            Console.WriteLine($"  {selector,-32} {entries}{(key is not null && key == matching[0] ? "   decides" : "")}");
        }
    }
}
