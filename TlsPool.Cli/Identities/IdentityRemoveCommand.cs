using System.CommandLine;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Keys;

namespace TlsPool.Cli.Identities;

/// <summary><c>tlspool identity remove</c>.</summary>
internal static class IdentityRemoveCommand
{
    internal static Command Create()
    {
        Argument<string> identity = IdentityCommands.IdentityArgument();
        var fingerprint = new Option<string?>("--fingerprint")
        {
            Description = "only the credential whose certificate's fingerprint starts so",
            HelpName = "hex",
        };
        var keepKey = new Option<bool>("--keep-key") { Description = "leave its key in the built-in store; keys in tokens are always left" };
        var command = new Command("remove", "remove an identity, or one of its credentials") { identity, fingerprint, keepKey };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            var name = IdentityCommands.ParseIdentity(result.GetValue(identity)!);
            string prefix = result.GetValue(fingerprint)?.ToLowerInvariant() ?? "";
            using PoolStoreAccess access = stores.Open(result);
            List<StoredIdentity> found =
            [
                .. access.Identities.Find(name)
                    .Where(candidate => Convert.ToHexStringLower(candidate.Fingerprint.Span).StartsWith(prefix, StringComparison.Ordinal)),
            ];
            if (found.Count == 0)
                throw new CommandException($"there is no such credential of {name}: see 'tlspool identity show {name}'");
            access.Identities.Remove(found.Select(candidate => candidate.Id));
            if (!result.GetValue(keepKey))
                RemoveUnusedKeys(access, found);
            Console.WriteLine($"{name}: {found.Count} credential(s) removed");
            return 0;
        });
    }

    private static void RemoveUnusedKeys(PoolStoreAccess access, List<StoredIdentity> removed)
    {
        HashSet<KeyReference> used = [.. access.Identities.List().Select(identity => identity.Key)];
        foreach (KeyReference key in removed.Select(identity => identity.Key).Distinct().Where(key => key.IsBuiltIn && !used.Contains(key)))
            access.Keys.Remove(key);
    }
}
