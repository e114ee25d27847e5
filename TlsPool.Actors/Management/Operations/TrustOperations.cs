using System.Globalization;
using System.Text;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Actors.Management.Operations;

/// <summary>Trust anchors.</summary>
internal static class TrustOperations
{
    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("trust.list", ManagementRole.Viewer, "trust anchors: whom the pool believes", ManagementJson.Of<Page<AnchorView>>())
        {
            Scope = OperationScope.Policy,
            Parameters = [new("text", ParameterKind.Text, "with this in the subject, the source or the fingerprint"), Paging.LimitParameter, Paging.AfterParameter],
            Run = List,
        },
        new("trust.add", ManagementRole.Admin, "trust certificates: authorities, or a peer's own", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters = [new("certificates", ParameterKind.Certificates, "certificates in PEM") { IsRequired = true }],
            IsChange = true,
            Run = Add,
        },
        new("trust.remove", ManagementRole.Admin, "stop trusting", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters = [new("fingerprint", ParameterKind.Text, "start of the anchor's SHA-256 fingerprint, at least 8 hexadecimal digits") { IsRequired = true }],
            IsChange = true,
            Confirms = "fingerprint",
            Run = Remove,
        },
    ];

    private static Page<AnchorView> List(OperationCall call)
    {
        string text = call.Arguments.Text("text") ?? "";
        IEnumerable<AnchorView> passing = call.Services.NeededPolicy.Trust.List()
            .Select(AnchorView.Of)
            .Where(anchor => new[] { anchor.Subject, anchor.Source, anchor.Fingerprint }.Any(field => field.Contains(text, StringComparison.OrdinalIgnoreCase)));
        return call.Paging.Take(passing, anchor => new RowKey(0, anchor.Subject + anchor.Fingerprint, "", 0), anchor => anchor);
    }

    private static Done Add(OperationCall call)
    {
        var anchors = CertificateReader.Read(Encoding.UTF8.GetBytes(call.Arguments.Needed("certificates")))
            .Select(der => (Facts: CertificateFacts.Read(der.Span), Der: der))
            .ToList();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var warnings = new List<string>();
        foreach ((CertificateFacts facts, _) in anchors)
        {
            if (now > facts.NotAfter)
                warnings.Add($"\"{facts.Subject}\" expired at {facts.NotAfter:u}");
            if (!facts.IsAuthority)
                warnings.Add($"\"{facts.Subject}\" is no authority: it vouches for itself only");
        }
        string source = $"added by {call.Principal.Name}";
        int added = call.Services.NeededPolicy.Trust.Add(anchors.Select(one => new TrustAnchor(one.Facts.Fingerprint, one.Der, source)));
        return new Done(
            call.Node,
            string.Create(CultureInfo.InvariantCulture, $"{added} trust anchor(s) added, {anchors.Count - added} were there already"),
            warnings);
    }

    private static Done Remove(OperationCall call)
    {
        string start = call.Arguments.Needed("fingerprint");
        string prefix = Fingerprints.Parse(start);
        TrustStore trust = call.Services.NeededPolicy.Trust;
        int removed = trust.Remove(trust.List().Select(anchor => anchor.Fingerprint).Where(candidate => Fingerprints.StartsWith(candidate, prefix)));
        return removed > 0
            ? new Done(call.Node, string.Create(CultureInfo.InvariantCulture, $"{removed} trust anchor(s) removed: {prefix}"), [])
            : throw OperationCall.Refuse(ManagementFault.NotFound, "there is no such trust anchor: see 'tlspool trust list'");
    }
}
