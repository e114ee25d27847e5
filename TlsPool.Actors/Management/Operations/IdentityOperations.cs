using System.Globalization;
using System.Text;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Management.Operations;

/// <summary>Local identities. Keys are made and imported by commands at the host only: they do not cross networks.</summary>
internal static class IdentityOperations
{
    private const int ExpiryDays = 30;
    private static readonly Parameter Identity = new("identity", ParameterKind.Text, "domain or user@domain") { IsRequired = true };

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("identity.list", ManagementRole.Viewer, "local identities: who the pool can be", ManagementJson.Of<Page<IdentityView>>())
        {
            Scope = OperationScope.Policy,
            Parameters =
            [
                new("text", ParameterKind.Text, "with this in the identity, the key or the fingerprint"),
                new("days", ParameterKind.Number, "whose certificates are good for at most so many days more"),
                new("sort", ParameterKind.Text, "the order") { Choices = ["identity", "expiry"] },
                Paging.LimitParameter,
                Paging.AfterParameter,
            ],
            Run = List,
        },
        new("identity.add", ManagementRole.Admin, "add a certificate for a key that is in a token or the built-in store", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters =
            [
                Identity,
                new("certificates", ParameterKind.Certificates, "certificate and its chain in PEM, own one first") { IsRequired = true },
                new("key", ParameterKind.Text, "its private key: pkcs11: URI or builtin:NAME") { IsRequired = true },
                new("role", ParameterKind.Text, "where it may be used") { Choices = IdentityRoleNames.All },
            ],
            IsChange = true,
            Run = Add,
        },
        new("identity.role", ManagementRole.Admin, "change where an identity may be used", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters =
            [
                Identity,
                new("role", ParameterKind.Text, "where it may be used") { IsRequired = true, Choices = IdentityRoleNames.All },
                new("fingerprint", ParameterKind.Text, "only the credential whose certificate's fingerprint starts so"),
            ],
            IsChange = true,
            Run = ChangeRole,
        },
        new("identity.remove", ManagementRole.Admin, "remove an identity, or one of its credentials; keys stay where they are", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters = [Identity, new("fingerprint", ParameterKind.Text, "only the credential whose certificate's fingerprint starts so")],
            IsChange = true,
            Confirms = "identity",
            Run = Remove,
        },
    ];

    /// <summary>Credentials that are good for less than thirty days, or no more.</summary>
    internal static int Expiring(IEnumerable<StoredIdentity> identities) =>
        DateTimeOffset.UtcNow.AddDays(ExpiryDays) is var limit ? identities.Count(identity => identity.NotAfter < limit) : 0;

    private static Page<IdentityView> List(OperationCall call)
    {
        string text = call.Arguments.Text("text") ?? "";
        DateTimeOffset limit = call.Arguments.Number("days") is { } days ? DateTimeOffset.UtcNow.AddDays(Math.Min(days, 36_500)) : DateTimeOffset.MaxValue;
        bool byExpiry = call.Paging.Sort == "expiry";
        IEnumerable<IdentityView> passing = call.Services.NeededPolicy.Identities.List()
            .Select(IdentityView.Of)
            .Where(view => view.NotAfter <= limit
                && new[] { view.Identity, view.Key, view.Fingerprint }.Any(field => field.Contains(text, StringComparison.OrdinalIgnoreCase)));
        return call.Paging.Take(passing, view => new RowKey(byExpiry ? view.NotAfter.UtcTicks : 0, $"{view.Identity} {view.Fingerprint}", "", 0), view => view);
    }

    private static Done Add(OperationCall call)
    {
        DoNai name = NameOf(call);
        string key = call.Arguments.Needed("key");
        IdentityRoles roles = call.Arguments.Text("role") is { } role ? IdentityRoleNames.Read(role) : IdentityRoles.Both;
        PolicyStores policy = call.Services.NeededPolicy;
        IReadOnlyList<ReadOnlyMemory<byte>> certificates = CertificateReader.Read(Encoding.UTF8.GetBytes(call.Arguments.Needed("certificates")));
        CertificateFacts facts = CertificateFacts.Read(certificates[0].Span);
        KeyReference reference;
        if (key.StartsWith(KeyReference.BuiltInScheme, StringComparison.Ordinal))
        {
            KeyDescription known = policy.Keys.Describe(new KeyReference(key));
            if (!known.SubjectPublicKeyInfo.Span.SequenceEqual(facts.SubjectPublicKeyInfo.Span))
                throw OperationCall.Refuse(ManagementFault.BadRequest, $"the first certificate is not that of {key}");
            reference = known.Key;
        }
        else
        {
            reference = Pkcs11Uri.Parse(key).ToKeyReference();
        }
        KeyAlgorithm algorithm = KeyAlgorithms.Of(facts.SubjectPublicKeyInfo)
            ?? throw OperationCall.Refuse(ManagementFault.BadRequest, $"the certificate's key is none that the pool can use: {string.Join(", ", KeyParameters.Names)} are");
        IReadOnlyList<ReadOnlyMemory<byte>> chain = ChainOrder.Arrange(certificates, facts.SubjectPublicKeyInfo.Span);
        var stored = new StoredIdentity(0, name, roles, reference, algorithm.SignatureSchemes(), chain, facts.Fingerprint, facts.NotBefore, facts.NotAfter);
        if (!policy.Identities.TryAdd(stored))
            throw OperationCall.Refuse(ManagementFault.Conflict, $"{name} has this certificate already");
        string[] warnings = facts.NotAfter < DateTimeOffset.UtcNow ? [$"the certificate expired at {facts.NotAfter:u}"] : [];
        return new Done(call.Node, $"credential of {name} added for {roles.Name()}: certificate {Short(stored)}, key {reference.Uri}", warnings);
    }

    private static Done ChangeRole(OperationCall call)
    {
        IdentityRoles roles = IdentityRoleNames.Read(call.Arguments.Needed("role"));
        List<StoredIdentity> found = Find(call);
        IdentityStore store = call.Services.NeededPolicy.Identities;
        store.ChangeRoles(found.Select(credential => credential.Id), roles);
        return new Done(call.Node, string.Create(CultureInfo.InvariantCulture, $"{found.Count} credential(s) of {NameOf(call)} may be used as {roles.Name()}"), []);
    }

    private static Done Remove(OperationCall call)
    {
        List<StoredIdentity> found = Find(call);
        int removed = call.Services.NeededPolicy.Identities.Remove(found.Select(credential => credential.Id));
        return new Done(call.Node, string.Create(CultureInfo.InvariantCulture, $"{removed} credential(s) of {NameOf(call)} removed"), []);
    }

    private static List<StoredIdentity> Find(OperationCall call)
    {
        DoNai name = NameOf(call);
        string prefix = call.Arguments.Text("fingerprint") is { } start ? Fingerprints.Parse(start) : "";
        List<StoredIdentity> found =
        [
            .. call.Services.NeededPolicy.Identities.Find(name).Where(credential => Fingerprints.StartsWith(credential.Fingerprint, prefix)),
        ];
        return found.Count > 0
            ? found
            : throw OperationCall.Refuse(ManagementFault.NotFound, $"there is no such credential of {name}: see 'tlspool identity list'");
    }

    private static DoNai NameOf(OperationCall call) => DoNai.TryParse(call.Arguments.Needed("identity"), out DoNai? name)
        ? name
        : throw OperationCall.Refuse(ManagementFault.BadRequest, "that is no identity: domain or user@domain is");

    private static string Short(StoredIdentity identity) => Convert.ToHexStringLower(identity.Fingerprint.Span[..8]);
}
