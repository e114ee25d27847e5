using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Validation;

/// <summary>Outcome of judging a peer.</summary>
/// <param name="Accepted">True if it may pass.</param>
/// <param name="RemoteId">The validated DoNAI; empty if refused.</param>
/// <param name="Alert">If refused: the alert the peer gets.</param>
/// <param name="Reason">For the log and the application; names from a certificate are escaped.</param>
public sealed record PeerVerdict(bool Accepted, string RemoteId, AlertCode Alert, string Reason);
