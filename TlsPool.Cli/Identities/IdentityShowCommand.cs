using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Cli.Identities;

/// <summary><c>tlspool identity show</c>.</summary>
internal static class IdentityShowCommand
{
    internal static Command Create()
    {
        Argument<string> identity = IdentityCommands.IdentityArgument();
        Option<bool> json = Json.Option();
        var pem = new Option<bool>("--pem") { Description = "write its certificates in PEM form" };
        var command = new Command("show", "one identity in full") { identity, json, pem };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            var name = IdentityCommands.ParseIdentity(result.GetValue(identity)!);
            using PoolStoreAccess access = stores.Open(result);
            IReadOnlyList<StoredIdentity> found = access.Identities.Find(name);
            if (found.Count == 0)
                throw new CommandException($"there is no identity {name}: see 'tlspool identity list'");
            if (result.GetValue(json))
                Json.Write(found.Select(IdentityView.Of));
            else if (result.GetValue(pem))
                WritePem(found);
            else
                Describe(found);
            return 0;
        });
    }

    private static void WritePem(IReadOnlyList<StoredIdentity> identities)
    {
        foreach (ReadOnlyMemory<byte> certificate in identities.SelectMany(identity => identity.Chain))
            Console.WriteLine(PemEncoding.WriteString("CERTIFICATE", certificate.Span));
    }

    private static void Describe(IReadOnlyList<StoredIdentity> identities)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        foreach (StoredIdentity identity in identities)
        {
            CertificateFacts facts = CertificateFacts.Read(identity.Chain[0].Span);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
                {identity.Identity}
                  roles        {identity.Roles.Name()}
                  key          {identity.Key}
                  subject      {facts.Subject}
                  names        {string.Join(", ", facts.DnsNames.Concat(facts.MailNames))}
                  valid        {IdentityCommands.Validity(identity, now)}
                  chain        {identity.Chain.Count} certificate(s)
                  fingerprint  {Convert.ToHexStringLower(identity.Fingerprint.Span)}
                """));
        }
    }
}
