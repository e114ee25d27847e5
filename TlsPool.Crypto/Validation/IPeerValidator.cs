namespace TlsPool.Crypto.Validation;

/// <summary>Judges peers by central policy. The seam for the policy language (validation.md). Thread safe.</summary>
public interface IPeerValidator
{
    /// <summary>Judges a peer. Completes synchronously when the verdict is cached; otherwise on another thread.</summary>
    ValueTask<PeerVerdict> ValidateAsync(PeerEvidence evidence, CancellationToken cancellationToken);
}
