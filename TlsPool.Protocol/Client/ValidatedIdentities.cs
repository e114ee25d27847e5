using TlsPool.Protocol.Frames;

namespace TlsPool.Protocol.Client;

/// <summary>Both sides of a session as the pool has validated them.</summary>
/// <param name="LocalId">This side; empty if it showed no identity.</param>
/// <param name="RemoteId">The other side; empty if it showed none and none was demanded.</param>
/// <param name="ControlKey">The session's control key.</param>
public sealed record ValidatedIdentities(string LocalId, string RemoteId, ControlKey ControlKey);
