namespace TlsPool.Protocol.Client;

/// <summary>Chooses a local identity. For an entry (<see cref="LocalIdQuestion.IsEntry"/>) the answer is ignored: return null. An exception ends the service.</summary>
/// <param name="question">What the pool asks.</param>
/// <param name="cancellation">The service's token.</param>
/// <returns>The choice; null to refuse.</returns>
public delegate ValueTask<LocalIdChoice?> LocalIdChooser(LocalIdQuestion question, CancellationToken cancellation);
