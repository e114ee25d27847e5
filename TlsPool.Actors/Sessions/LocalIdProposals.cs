using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;

namespace TlsPool.Actors.Sessions;

/// <summary>The candidates of one LOCALID_CHECK, proposed one after the other (behaviour.md, "STARTTLS" step 2).</summary>
internal sealed class LocalIdProposals
{
    /// <summary>More than these are not proposed: an application that rejects so many is not choosing.</summary>
    private const int MaxCandidates = 64;

    private readonly TlsRole _role;
    private readonly string? _serverName;
    private readonly ILocalIdentities _identities;
    private readonly IReadOnlyList<string> _candidates;
    private int _next;

    private LocalIdProposals(TlsRole role, string? serverName, ILocalIdentities identities, IReadOnlyList<string> candidates) =>
        (_role, _serverName, _identities, _candidates) = (role, serverName, identities, candidates);

    /// <summary>The candidate proposed last.</summary>
    internal string Current => _candidates[_next - 1];

    internal static LocalIdProposals For(SessionRequest request, CredentialQuestion question, ILocalIdentities identities)
    {
        string wish = request.Message.LocalId;
        IReadOnlyList<string> candidates =
            wish.Length > 0 ? [wish]
            : question.Role == TlsRole.Client ? []
            : question.ServerName is { } name ? [name]
            : identities.ServerIdentities;
        var usable = candidates
            .Where(candidate => Credentials(identities, candidate, question.Role, question.ServerName).Count > 0)
            .Take(MaxCandidates)
            .ToList();
        return new LocalIdProposals(question.Role, question.ServerName, identities, usable);
    }

    /// <summary>The next candidate; null when there is none.</summary>
    internal string? Next() => _next < _candidates.Count ? _candidates[_next++] : null;

    /// <summary>The engine's answer for the identity that the application settled on.</summary>
    internal HandshakeAnswer Accept(string localId)
    {
        IReadOnlyList<Credential> credentials = Credentials(_identities, localId, _role, _serverName);
        return credentials.Count > 0
            ? new CredentialAnswer(credentials)
            : new RefusalAnswer(
                AlertCode.AccessDenied,
                $"the application chose the local identity {localId}, which has no credential here: see 'tlspool identity list'");
    }

    /// <summary>The engine's answer when every candidate was rejected or there was none: a client may go without, a server cannot.</summary>
    internal HandshakeAnswer WhenExhausted() =>
        _role == TlsRole.Client && _candidates.Count == 0
            ? new CredentialAnswer([])
            : new RefusalAnswer(
                _serverName is null ? AlertCode.HandshakeFailure : AlertCode.UnrecognizedName,
                "no local identity was acceptable to the application");

    private static IReadOnlyList<Credential> Credentials(ILocalIdentities identities, string localId, TlsRole role, string? serverName)
    {
        IReadOnlyList<Credential> exact = identities.Find(localId, role);
        return exact.Count == 0 && role == TlsRole.Server && string.Equals(localId, serverName, StringComparison.OrdinalIgnoreCase)
            ? identities.FindForServerName(localId)
            : exact;
    }
}
