using System.Buffers;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.OnTheFly;

/// <summary>
/// Which names certificates are made for: stricter than the pool's identities, as the name may come from anybody (SNI) and goes into a
/// certificate: host names of RFC 1123 section 2.1, and users that are mailbox names of RFC 5322 section 3.2.3.
/// </summary>
internal static class OnTheFlyName
{
    private static readonly SearchValues<char> AtomText = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.");

    /// <summary>Reads a name.</summary>
    /// <returns>Null for anything that no certificate is made for.</returns>
    internal static DoNai? TryRead(string name) =>
        DoNai.TryParse(name, out DoNai? identity) && IsHost(identity.Domain) && (identity.User is not { } user || IsMailbox(user)) ? identity : null;

    // Names whose last label is a number are addresses, or taken for such (RFC 3696 section 2).
    private static bool IsHost(string domain) =>
        !domain.Contains('_', StringComparison.Ordinal) && !domain.AsSpan(domain.LastIndexOf('.') + 1).ContainsOnlyDigits();

    private static bool IsMailbox(string user) =>
        !user.AsSpan().ContainsAnyExcept(AtomText) && !user.EndsWith('.') && !user.Contains("..", StringComparison.Ordinal);

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> label) => !label.ContainsAnyExceptInRange('0', '9');
}
