using TlsPool.Crypto.Keys;

namespace TlsPool.Actors.Sessions;

/// <summary>Keys that sign on the caller's thread in microseconds, without a token's delay.</summary>
public interface ISigningKeys
{
    /// <summary>Signs if the key is at hand; null if its token has to be asked. Thread safe, never waits.</summary>
    byte[]? TrySign(SignatureRequest request);
}
