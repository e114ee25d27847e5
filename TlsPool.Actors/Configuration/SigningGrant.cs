using System.Collections.Immutable;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Configuration;

/// <summary>Lets nodes have handshakes signed here. Immutable.</summary>
/// <param name="Nodes">Hosts of nodes; empty for all.</param>
/// <param name="Identities">Local identities whose keys they may use; any of these.</param>
public sealed record SigningGrant(ImmutableArray<string> Nodes, ImmutableArray<Selector> Identities);
