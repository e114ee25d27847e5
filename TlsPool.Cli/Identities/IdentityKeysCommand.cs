using System.CommandLine;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Cli.Identities;

/// <summary><c>tlspool identity keys</c>: also those that no identity uses.</summary>
internal static class IdentityKeysCommand
{
    internal static Command Create()
    {
        var token = new Option<string?>("--token")
        {
            Description = "those of this token (pkcs11: URI) instead of the built-in store's",
            HelpName = "uri",
        };
        Option<bool> json = Json.Option();
        var command = new Command("keys", "all keys of the built-in store or of a token, and which identities use them") { token, json };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            using PoolStoreAccess access = stores.Open(result);
            using LoggedInToken? opened = result.GetValue(token) is { } uri ? LoggedInToken.Open(access, uri) : null;
            IEnumerable<StoredKey> all = opened is null
                ? access.Keys.List().Select(StoredKey.BuiltIn)
                : opened.Session.List().Select(StoredKey.InToken);
            List<StoredKeyView> views = [.. all.Select(key => new StoredKeyView(key.Reference.Uri, [.. key.UsersIn(access).Select(name => $"{name}")]))];
            if (result.GetValue(json))
            {
                Json.Write(views);
                return 0;
            }
            if (views.Count == 0)
                Console.WriteLine("There are no keys.");
            foreach (StoredKeyView view in views)
                Console.WriteLine($"{view.Key}  {(view.UsedBy.Count == 0 ? "unused" : $"used by {string.Join(", ", view.UsedBy)}")}");
            return 0;
        });
    }
}
