using System.CommandLine;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Identities;

/// <summary><c>tlspool identity remove-key</c>: a key that no identity uses, as after a signing request that came to nothing.</summary>
internal static class IdentityRemoveKeyCommand
{
    internal static Command Create()
    {
        var key = new Argument<string>("key") { Description = "builtin:NAME, or the pkcs11: URI of a private key, as 'tlspool identity keys' shows them" };
        var command = new Command("remove-key", "remove a key that no identity uses, for ever") { key };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            string text = result.GetValue(key)!;
            using PoolStoreAccess access = stores.Open(result);
            if (text.StartsWith(KeyReference.BuiltInScheme, StringComparison.Ordinal))
            {
                StoredKey stored = StoredKey.BuiltIn(text[KeyReference.BuiltInScheme.Length..]);
                ExpectUnused(stored, access);
                if (!access.Keys.Remove(stored.Reference))
                    throw new CommandException($"there is no key {text}: see 'tlspool identity keys'");
            }
            else
            {
                Pkcs11Uri uri = LoggedInToken.ParseUri(text);
                using LoggedInToken token = LoggedInToken.Open(access, text);
                ExpectUnused(StoredKey.InToken(Only(token.Session.List(), uri, text)), access);
                token.Session.Remove(uri.ToKeyReference());
            }
            Console.WriteLine($"{text}: removed");
            return 0;
        });
    }

    private static Pkcs11Uri Only(IReadOnlyList<Pkcs11Uri> all, Pkcs11Uri wanted, string text)
    {
        Pkcs11Uri[] fitting =
            [.. all.Where(key => wanted.Matches(key.Object ?? "", key.Id is { } id ? id.Span : default, Pkcs11ObjectType.PrivateKey))];
        return fitting.Length == 1
            ? fitting[0]
            : throw new CommandException($"{(fitting.Length == 0 ? "there is no key" : "several keys are")} {text}: see 'tlspool identity keys --token URI'");
    }

    private static void ExpectUnused(StoredKey key, PoolStoreAccess access)
    {
        DoNai[] users = [.. key.UsersIn(access)];
        if (users.Length > 0)
            throw new CommandException($"{string.Join(", ", users.Select(user => $"{user}"))} has this key: 'tlspool identity remove {users[0]}' comes first");
    }
}
