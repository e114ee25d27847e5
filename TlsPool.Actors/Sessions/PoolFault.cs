using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions;

/// <summary>Why a request is refused, as the application will read it.</summary>
/// <param name="Code">The protocol's error number.</param>
/// <param name="Text">What happened and what to do; no secret. Empty for the standard text.</param>
public sealed record PoolFault(PoolError Code, string Text = "")
{
    /// <summary>The body of the ERROR frame.</summary>
    public ErrorMessage ToMessage() => new(Code, Text.Length == 0 ? PoolErrorText.Describe(Code) : Text);
}
