using System.CommandLine;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Crypto.Validation;
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
        var command = new Command("add", "add a certificate that was made elsewhere") { identity, role, certificate, key };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            DoNai name = IdentityCommands.ParseIdentity(result.GetValue(identity)!);
            IReadOnlyList<ReadOnlyMemory<byte>> chain = CertificateReader.Read(File.ReadAllBytes(result.GetValue(certificate)!));
            CertificateFacts facts = CertificateFacts.Read(chain[0].Span);
            string keyText = result.GetValue(key)!;
            byte[]? imported = IsReference(keyText) ? null : PrivateKeyFile.Read(keyText);
            using PoolStoreAccess access = stores.Open(result);
            KeyDescription description = Describe(access, name, keyText, imported, facts);
            if (!description.SubjectPublicKeyInfo.Span.SequenceEqual(facts.SubjectPublicKeyInfo.Span))
                throw new CommandException($"the certificate of \"{facts.Subject}\" is for another key than {description.Key}");
            if (NameMatcher.Match(facts, name.ToString(), domainRepresentsUser: true, commonName: true) is null)
                Console.Error.WriteLine($"warning: the certificate does not name {name}, so peers will refuse it");
            StoredIdentity stored = Stored(name, result.GetValue(role), description, chain);
            if (!access.Identities.TryAdd(stored))
                throw new CommandException($"{name} has this certificate already");
            Console.WriteLine($"{name}: certificate {IdentityCommands.ShortFingerprint(stored)}, {IdentityCommands.Validity(stored, DateTimeOffset.UtcNow)}");
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

    private static KeyDescription Describe(PoolStoreAccess access, DoNai name, string key, byte[]? imported, CertificateFacts facts)
    {
        if (imported is not null)
            return access.Keys.Import(imported, $"{name}-{Convert.ToHexStringLower(facts.Fingerprint.Span[..6])}");
        if (key.StartsWith(KeyReference.BuiltInScheme, StringComparison.Ordinal))
            return access.Keys.Describe(new KeyReference(key));
        if (DescribeInToken(access, key) is { } found)
            return found;
        // The token need not be there now: the certificate says what its key can do.
        KeyAlgorithm algorithm = KeyAlgorithms.Of(facts.SubjectPublicKeyInfo)
            ?? throw new CommandException($"the certificate's key is none that the pool can use: {string.Join(", ", KeyParameters.Names)} are");
        return new KeyDescription(Pkcs11Uri.Parse(key).ToKeyReference(), algorithm, facts.SubjectPublicKeyInfo, algorithm.SignatureSchemes());
    }

    private static KeyDescription? DescribeInToken(PoolStoreAccess access, string key)
    {
        try
        {
            using LoggedInToken token = LoggedInToken.Open(access, key);
            KeyDescription found = token.Session.Describe(Pkcs11Uri.Parse(key).ToKeyReference());
            return found.SubjectPublicKeyInfo.IsEmpty ? null : found;
        }
        catch (TokenException absent) when (absent.Fault is TokenFault.Removed or TokenFault.NotLoggedIn or TokenFault.PinLocked)
        {
            Console.Error.WriteLine($"warning: the key could not be looked at now: {absent.Message}");
            return null;
        }
    }
}
