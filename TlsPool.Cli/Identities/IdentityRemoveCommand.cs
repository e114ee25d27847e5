using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;

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
            DoNai name = IdentityCommands.ParseIdentity(result.GetValue(identity)!);
            string prefix = result.GetValue(fingerprint) is { } start ? Fingerprints.Parse(start) : "";
            using PoolStoreAccess access = stores.Open(result);
            List<StoredIdentity> found =
            [
                .. access.Identities.Find(name)
                    .Where(candidate => Fingerprints.StartsWith(candidate.Fingerprint, prefix)),
            ];
            int removed = access.Identities.Remove(found.Select(candidate => candidate.Id).Concat(prefix.Length == 0 ? Damaged(access, name) : []));
            if (removed == 0)
                throw new CommandException($"there is no such credential of {name}: see 'tlspool identity show {name}'");
            access.Record(string.Create(CultureInfo.InvariantCulture, $"{removed} credential(s) removed"), name.ToString());
            if (!result.GetValue(keepKey))
                RemoveUnusedKeys(access, found);
            Console.WriteLine($"{name}: {removed} credential(s) removed");
            return 0;
        });
    }

    private static IEnumerable<long> Damaged(PoolStoreAccess access, DoNai name)
    {
        access.Identities.List(out IReadOnlyList<DamagedIdentity> damaged);
        return damaged.Where(broken => broken.Name == name.Key).Select(broken => broken.Id);
    }

    private static void RemoveUnusedKeys(PoolStoreAccess access, List<StoredIdentity> removed)
    {
        HashSet<KeyReference> used = [.. access.Identities.List().Select(identity => identity.Key)];
        foreach (KeyReference key in removed.Select(identity => identity.Key).Distinct().Where(key => key.IsBuiltIn && !used.Contains(key)))
            access.Keys.Remove(key);
    }
}
