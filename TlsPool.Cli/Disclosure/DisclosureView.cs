using TlsPool.Actors.Disclosure;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Disclosure;

/// <summary>A disclosure rule for people and scripts.</summary>
/// <param name="Remote">The selector.</param>
/// <param name="Shows">Identities in their order; <c>(nobody)</c> and <c>(refuse)</c> as such.</param>
internal sealed record DisclosureView(string Remote, IReadOnlyList<string> Shows)
{
    internal static DisclosureView Of(Selector remote, IEnumerable<DisclosureEntry> entries) =>
        new(remote.ToString(), [.. entries.Select(entry => entry.Shown.ToString())]);
}
