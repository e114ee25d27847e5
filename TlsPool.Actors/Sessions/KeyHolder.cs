using TlsPool.Actors.Storage;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Sessions;

/// <summary>A local identity that a private key stands for. Immutable.</summary>
/// <param name="Identity">The identity.</param>
/// <param name="Roles">The roles it may be used in.</param>
public sealed record KeyHolder(DoNai Identity, IdentityRoles Roles);
