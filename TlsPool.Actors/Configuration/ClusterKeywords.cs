using System.Collections.Immutable;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Configuration;

/// <summary>Collects the keywords of the cluster.</summary>
internal sealed class ClusterKeywords
{
    private readonly ImmutableArray<SigningGrant>.Builder _grants = ImmutableArray.CreateBuilder<SigningGrant>();
    private ClusterAddress? _address;
    private ImmutableArray<ClusterAddress> _members = [];
    private string _certificate = "";
    private string _authority = "";
    private string _bind = "";
    private ImmutableArray<string> _roles = [];
    private int _wireVersion;
    private TimeSpan _decisionTime = TimeSpan.FromSeconds(15);
    private int _signingRate = 1000;
    private bool _sharesEntry;
    private bool _collectsAudit;

    internal void Address(string value) => _address = ClusterAddress.Parse(value);

    internal void Members(string value)
    {
        _members = [.. value.Split(',', StringSplitOptions.TrimEntries).Select(ClusterAddress.Parse)];
        // The host is what a certificate proves: two nodes with one host could speak for each other.
        if (_members.DistinctBy(member => member.Host).Count() < _members.Length)
            throw new FormatException("takes each host once: nodes are told apart by their hosts");
    }

    internal void Certificate(string value) => _certificate = ConfigurationValues.AbsolutePath(value);

    internal void Authority(string value) => _authority = ConfigurationValues.AbsolutePath(value);

    internal void Bind(string value) => _bind = value.Length == 0 || System.Net.IPAddress.TryParse(value, out _)
        ? value
        : throw new FormatException("takes an address to listen at, such as 0.0.0.0");

    internal void Roles(string value)
    {
        string[] roles = value.Split(',', StringSplitOptions.TrimEntries);
        if (!roles.All(IsRole))
            throw new FormatException("takes a list of names of letters, digits and '-', each 1 to 32 characters");
        _roles = [.. roles.Distinct()];
    }

    internal void WireVersion(string value) => _wireVersion = ConfigurationValues.Number(value, Cluster.Wire.WireVersion.Oldest, Cluster.Wire.WireVersion.Newest);

    internal void DecisionTime(string value) => _decisionTime = TimeSpan.FromSeconds(ConfigurationValues.Number(value, 3, 600));

    internal void Sign(string value)
    {
        string[] parts = value.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2)
            throw new FormatException("takes nodes, or * for all, and after a space the identities they may use, such as: node2.example.com www.example.com,.example.org");
        ImmutableArray<string> nodes = parts[0] == "*" ? [] : [.. parts[0].Split(',').Select(node => ClusterAddress.Parse(node).Host)];
        _grants.Add(new SigningGrant(nodes, [.. parts[1].Split(',').Select(SelectorOf)]));
    }

    internal void SigningRate(string value) => _signingRate = ConfigurationValues.Number(value, 1, 1_000_000);

    internal void SharesEntry(string value) => _sharesEntry = ConfigurationValues.YesNo(value);

    internal void CollectsAudit(string value) => _collectsAudit = ConfigurationValues.YesNo(value);

    /// <summary>What was collected; null if this host is in no cluster.</summary>
    /// <exception cref="FormatException">Something is missing.</exception>
    internal ClusterConfiguration? Build()
    {
        if (_address is null && _members.IsEmpty && _certificate.Length == 0 && _authority.Length == 0)
            return null;
        if (_address is null || _members.IsEmpty || _certificate.Length == 0 || _authority.Length == 0)
            throw new FormatException("cluster_address, cluster_members, cluster_certificate and cluster_authority need each other");
        if (!_members.Contains(_address))
            throw new FormatException($"cluster_members has to have the cluster_address of this node, {_address}");
        if (_grants.SelectMany(grant => grant.Nodes).FirstOrDefault(node => _members.All(member => member.Host != node)) is { } stranger)
            throw new FormatException($"cluster_sign_for names {stranger}, which is none of cluster_members");
        return new ClusterConfiguration
        {
            Address = _address,
            Members = _members,
            CertificateFile = _certificate,
            AuthorityFile = _authority,
            Bind = _bind,
            Roles = _roles,
            WireVersion = _wireVersion,
            DecisionTime = _decisionTime,
            SigningGrants = _grants.ToImmutable(),
            SigningRate = _signingRate,
            SharesEntry = _sharesEntry,
            CollectsAudit = _collectsAudit,
        };
    }

    private static Selector SelectorOf(string text) => Selector.TryParse(text, out Selector? selector)
        ? selector
        : throw new FormatException($"{text} is no identity and no selector such as .example.com or @.example.com");

    private static bool IsRole(string role) =>
        role.Length is >= 1 and <= 32 && role.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');
}
