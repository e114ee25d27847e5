using TlsPool.Actors.OnTheFly;
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
    private readonly LocalIdGate _gate;
    private readonly List<string> _candidates;
    private readonly string? _refusal;
    private int _next;

    private LocalIdProposals(CredentialQuestion question, ILocalIdentities identities, LocalIdGate gate, bool onTheFly, IReadOnlyList<string> candidates)
    {
        (_role, _serverName, _identities, _gate) = (question.Role, question.ServerName, identities, gate);
        if (onTheFly)
        {
            _candidates = [.. candidates.Where(candidate => OnTheFlyName.TryRead(candidate) is not null && gate.Allows(candidate))];
            if (_candidates.Count == 0 && candidates is [var name] && OnTheFlyName.TryRead(name) is not null)
                _refusal = gate.Refuse(name);
            return;
        }
        _candidates = [.. candidates.Where(candidate => Credentials(candidate).Any(credential => gate.Allows(credential.Identity))).Take(MaxCandidates)];
        // The one that the peer asks for was there and is not open to the application: that is worth a record.
        if (_candidates.Count == 0 && candidates is [var only])
            gate.Permitted(Credentials(only), out _refusal);
    }

    /// <summary>The candidate proposed last.</summary>
    internal string Current => _candidates[_next - 1];

    internal static LocalIdProposals For(SessionRequest request, CredentialQuestion question, ILocalIdentities identities, LocalIdGate gate)
    {
        string wish = request.Message.LocalId;
        return new LocalIdProposals(question, identities, gate, request.OnTheFly,
            wish.Length > 0 ? [wish]
            : question.Role == TlsRole.Client ? []
            : request.OnTheFly ? (question.ServerName is { } host && !host.Contains('@', StringComparison.Ordinal) ? [host] : [])
            : question.ServerName is { } name ? [name]
            : identities.ServerIdentities);
    }

    /// <summary>The next candidate; null when there is none.</summary>
    internal string? Next() => _next < _candidates.Count ? _candidates[_next++] : null;

    /// <summary>The engine's answer for the identity that the application settled on.</summary>
    internal HandshakeAnswer Accept(string localId)
    {
        IReadOnlyList<Credential> credentials = _gate.Permitted(Credentials(localId), out string? refusal);
        return credentials.Count > 0
            ? new CredentialAnswer(credentials)
            : new RefusalAnswer(
                AlertCode.AccessDenied,
                refusal ?? $"the application chose the local identity {localId}, which has no credential here: see 'tlspool identity list'");
    }

    /// <summary>The engine's answer when every candidate was rejected or there was none: a client may go without, a server cannot.</summary>
    internal HandshakeAnswer WhenExhausted() =>
        _role == TlsRole.Client && _candidates.Count == 0
            ? new CredentialAnswer([])
            : new RefusalAnswer(
                _serverName is null ? AlertCode.HandshakeFailure : AlertCode.UnrecognizedName,
                _refusal ?? "no local identity was acceptable to the application");

    private IReadOnlyList<Credential> Credentials(string localId)
    {
        IReadOnlyList<Credential> exact = _identities.Find(localId, _role);
        return exact.Count == 0 && _role == TlsRole.Server && string.Equals(localId, _serverName, StringComparison.OrdinalIgnoreCase)
            ? _identities.FindForServerName(localId)
            : exact;
    }
}
