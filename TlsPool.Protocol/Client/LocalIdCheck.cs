namespace TlsPool.Protocol.Client;

/// <summary>
/// Judges a local identity that the pool proposes. Runs on a thread of the pool of threads. An exception refuses the callback, and
/// is the inner exception of the failure that follows.
/// </summary>
/// <param name="proposal">What the pool proposes.</param>
/// <param name="cancellation">The request's own token.</param>
public delegate ValueTask<LocalIdAnswer> LocalIdCheck(LocalIdProposal proposal, CancellationToken cancellation);
