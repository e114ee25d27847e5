namespace TlsPool.Actors.Tokens;

/// <summary>Why a token has made no signature, as far as it matters to whom else to ask.</summary>
public enum SigningFault
{
    /// <summary>Anything else; the reason says it.</summary>
    Failed,

    /// <summary>The token has to be waited for: for its return, or for its PIN.</summary>
    NotReady,

    /// <summary>There is no such token or key here.</summary>
    NoKey,
}
