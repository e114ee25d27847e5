using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;

namespace TlsPool.Cli.Trust;

/// <summary><c>tlspool trust</c>: whom the pool believes.</summary>
internal static class TrustCommands
{
    private static readonly string[] SystemBundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

    internal static Command Create() => new("trust", "trust anchors: whom the pool believes") { CreateAdd(), CreateList(), CreateRemove() };

    private static Command CreateAdd()
    {
        var files = new Argument<string[]>("file")
        {
            Description = "certificates to trust: PEM, DER or bundles, or directories of them; authorities, or a peer's own certificate",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var system = new Option<bool>("--system") { Description = "trust the authorities that this system trusts" };
        var command = new Command("add", "trust certificates") { files, system };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            List<string> sources = [.. result.GetValue(files) ?? []];
            if (result.GetValue(system))
                sources.Add(SystemBundles.FirstOrDefault(File.Exists)
                    ?? throw new CommandException("this system has no bundle of authorities: install ca-certificates"));
            if (sources.Count == 0)
                throw new CommandException("name a file with certificates, or --system");
            List<TrustAnchor> anchors = [.. sources.SelectMany(AnchorFiles.Read)];
            foreach (string warning in AnchorFiles.Warnings(anchors, DateTimeOffset.UtcNow))
                Console.Error.WriteLine($"warning: {warning}");
            using PoolStoreAccess access = stores.Open(result);
            int added = access.Trust.Add(anchors);
            if (added > 0)
                access.Record(string.Create(CultureInfo.InvariantCulture, $"{added} trust anchor(s) added, from {string.Join(", ", sources)}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{added} trust anchor(s) added, {anchors.Count - added} were there already"));
            return 0;
        });
    }

    private static Command CreateList()
    {
        Option<bool> json = Json.Option();
        var command = new Command("list", "all trust anchors") { json };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            using PoolStoreAccess access = stores.Open(result);
            List<AnchorView> anchors = [.. access.Trust.List().Select(AnchorView.Of)];
            if (result.GetValue(json))
            {
                Json.Write(anchors);
                return 0;
            }
            if (anchors.Count == 0)
                Console.WriteLine("Nobody is trusted yet: see 'tlspool trust add --help'.");
            foreach (AnchorView anchor in anchors)
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{anchor.Fingerprint[..16]} until {anchor.NotAfter:yyyy-MM-dd} {anchor.Subject} ({anchor.Source})"));
            return 0;
        });
    }

    private static Command CreateRemove()
    {
        var fingerprint = new Argument<string?>("fingerprint")
        {
            Description = "start of the anchor's SHA-256 fingerprint, at least 8 hexadecimal digits",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "remove all" };
        var command = new Command("remove", "stop trusting") { fingerprint, all };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            string? start = result.GetValue(fingerprint);
            if (result.GetValue(all) == start is not null)
                throw new CommandException("give the start of a fingerprint of 'tlspool trust list', or --all");
            string prefix = start is null ? "" : Fingerprints.Parse(start);
            using PoolStoreAccess access = stores.Open(result);
            int removed = access.Trust.Remove(access.Trust.List()
                .Select(anchor => anchor.Fingerprint)
                .Where(candidate => Fingerprints.StartsWith(candidate, prefix)));
            if (removed == 0)
                throw new CommandException("there is no such trust anchor: see 'tlspool trust list'");
            access.Record(string.Create(CultureInfo.InvariantCulture, $"{removed} trust anchor(s) removed: {start ?? "all"}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{removed} trust anchor(s) removed"));
            return 0;
        });
    }
}
