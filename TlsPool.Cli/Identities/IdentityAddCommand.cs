using System.CommandLine;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Identities;

/// <summary><c>tlspool identity add</c>: a certificate that was made elsewhere.</summary>
internal static class IdentityAddCommand
{
    internal static Command Create()
    {
        Argument<string> identity = IdentityCommands.IdentityArgument();
        Option<IdentityRoles> role = IdentityCommands.RoleOption();
        var certificate = new Option<string>("--certificate")
        {
            Description = "certificate and its chain, own one first (PEM, or one in DER)",
            HelpName = "file",
            Required = true,
        };
        var key = new Option<string>("--key")
        {
            Description = "its private key: pkcs11: URI, builtin:NAME, or a PEM file to import into the built-in store",
            HelpName = "key",
            Required = true,
        };
        var passphrase = new Option<string?>("--key-passphrase-file")
        {
            Description = "file whose first line opens an encrypted private key",
            HelpName = "file",
        };
        var command = new Command("add", "add a certificate that was made elsewhere") { identity, role, certificate, key, passphrase };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            DoNai name = IdentityCommands.ParseIdentity(result.GetValue(identity)!);
            string keyText = result.GetValue(key)!;
            string file = result.GetValue(certificate)!;
            // Files are read as who called: the stores may be another user's.
            IReadOnlyList<ReadOnlyMemory<byte>> certificates = CertificateFile.Read(file);
            byte[]? imported = IsReference(keyText) ? null : PrivateKeyFile.Read(keyText, result.GetValue(passphrase));
            using PoolStoreAccess access = stores.Open(result);
            (KeyReference? reference, ReadOnlyMemory<byte> publicKey) = imported is null
                ? Look(access, keyText)
                : (null, PrivateKeys.PublicKey(imported));
            IReadOnlyList<ReadOnlyMemory<byte>> chain = Arrange(file, certificates, publicKey);
            CertificateFacts facts = CertificateFacts.Read(chain[0].Span);
            IdentityRoles roles = result.GetValue(role);
            if (access.Identities.Find(name).Any(known => known.Fingerprint.Span.SequenceEqual(facts.Fingerprint.Span)))
                throw new CommandException($"{name} has this certificate already: see 'tlspool identity show {name}'");
            KeyDescription description = imported is not null
                ? ImportedKey.Keep(access, imported, $"{name}-{Convert.ToHexStringLower(facts.Fingerprint.Span[..6])}")
                : Describe(reference!, facts);
            StoredIdentity stored = Stored(name, roles, description, chain);
            if (!access.Identities.TryAdd(stored))
                throw new CommandException($"{name} has this certificate already: see 'tlspool identity show {name}'");
            access.Record($"credential added for {roles.Name()}: certificate {IdentityCommands.ShortFingerprint(stored)}", name.ToString(), stored.Key.Uri);
            DateTimeOffset now = DateTimeOffset.UtcNow;
            foreach (string warning in CertificateWarnings.For(facts, name, roles, now))
                Console.Error.WriteLine($"warning: {warning}");
            Console.WriteLine($"{name}: certificate {IdentityCommands.ShortFingerprint(stored)}, {IdentityCommands.Validity(stored, now)}");
            return 0;
        });
    }

    internal static StoredIdentity Stored(
        DoNai name, IdentityRoles roles, KeyDescription key, IReadOnlyList<ReadOnlyMemory<byte>> chain)
    {
        CertificateFacts facts = CertificateFacts.Read(chain[0].Span);
        return new StoredIdentity(0, name, roles, key.Key, key.SignatureSchemes, chain, facts.Fingerprint, facts.NotBefore, facts.NotAfter);
    }

    private static bool IsReference(string key) =>
        key.StartsWith(KeyReference.BuiltInScheme, StringComparison.Ordinal) || key.StartsWith(Pkcs11Uri.Scheme, StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<ReadOnlyMemory<byte>> Arrange(
        string file, IReadOnlyList<ReadOnlyMemory<byte>> certificates, ReadOnlyMemory<byte> publicKey)
    {
        try
        {
            // A token that is not there now cannot say which certificate is its key's.
            return ChainOrder.Arrange(certificates, publicKey.IsEmpty ? CertificateFacts.Read(certificates[0].Span).SubjectPublicKeyInfo.Span : publicKey.Span);
        }
        catch (CertificateException exception)
        {
            throw new CommandException($"{file}: {exception.Message}");
        }
    }

    /// <summary>A key that stays where it is, and its public half as far as that can be seen now.</summary>
    private static (KeyReference Key, ReadOnlyMemory<byte> PublicKey) Look(PoolStoreAccess access, string key)
    {
        if (key.StartsWith(KeyReference.BuiltInScheme, StringComparison.Ordinal))
        {
            KeyDescription known = access.Keys.Describe(new KeyReference(key));
            return (known.Key, known.SubjectPublicKeyInfo);
        }
        Pkcs11Uri uri = LoggedInToken.ParseUri(key);
        try
        {
            using LoggedInToken token = LoggedInToken.Open(access, key);
            KeyDescription found = token.Session.Describe(uri.ToKeyReference());
            return (found.Key, found.SubjectPublicKeyInfo);
        }
        catch (TokenException absent) when (absent.Fault is TokenFault.Removed or TokenFault.NotLoggedIn or TokenFault.PinLocked)
        {
            Console.Error.WriteLine($"warning: the key could not be looked at now: {absent.Message}");
            return (uri.ToKeyReference(), default);
        }
    }

    /// <summary>The certificate says what its key can do.</summary>
    private static KeyDescription Describe(KeyReference key, CertificateFacts facts)
    {
        KeyAlgorithm algorithm = KeyAlgorithms.Of(facts.SubjectPublicKeyInfo)
            ?? throw new CommandException($"the certificate's key is none that the pool can use: {string.Join(", ", KeyParameters.Names)} are");
        return new KeyDescription(key, algorithm, facts.SubjectPublicKeyInfo, algorithm.SignatureSchemes());
    }
}
