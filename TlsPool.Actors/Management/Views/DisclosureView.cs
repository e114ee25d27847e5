using TlsPool.Actors.Disclosure;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Management.Views;

/// <summary>A disclosure rule for people and scripts.</summary>
/// <param name="Remote">The selector.</param>
/// <param name="Shows">Identities in their order; <c>(nobody)</c> and <c>(refuse)</c> as such.</param>
public sealed record DisclosureView(string Remote, IReadOnlyList<string> Shows)
{
    /// <summary>What is shown of it.</summary>
    public static DisclosureView Of(Selector remote, IEnumerable<DisclosureEntry> entries) =>
        new(remote.ToString(), [.. entries.Select(entry => entry.Shown.ToString())]);
}
