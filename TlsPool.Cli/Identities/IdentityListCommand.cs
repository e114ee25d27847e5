using System.CommandLine;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;

namespace TlsPool.Cli.Identities;

/// <summary><c>tlspool identity list</c>.</summary>
internal static class IdentityListCommand
{
    internal static Command Create()
    {
        Option<bool> json = Json.Option();
        var command = new Command("list", "all local identities") { json };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            using PoolStoreAccess access = stores.Open(result);
            IReadOnlyList<StoredIdentity> all = access.Identities.List(out IReadOnlyList<DamagedIdentity> damaged);
            foreach (DamagedIdentity broken in damaged)
                Console.Error.WriteLine($"warning: a credential of '{broken.Name}' is damaged: 'tlspool identity remove' takes it away");
            if (result.GetValue(json))
            {
                Json.Write(all.Select(IdentityView.Of));
                return 0;
            }
            if (all.Count == 0)
                Console.WriteLine("There are no identities yet: see 'tlspool identity generate --help'.");
            DateTimeOffset now = DateTimeOffset.UtcNow;
            foreach (StoredIdentity identity in all)
                Console.WriteLine(
                    $"{identity.Identity,-32} {identity.Roles.Name(),-6} {IdentityCommands.ShortFingerprint(identity)} {IdentityCommands.Validity(identity, now),-18} {identity.Key}");
            return 0;
        });
    }
}
