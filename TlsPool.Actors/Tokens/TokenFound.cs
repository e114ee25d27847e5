using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>A token's actor tells its supervisor which token it has.</summary>
internal sealed record TokenFound(TokenDescription Token);
