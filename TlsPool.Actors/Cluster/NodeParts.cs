using Akka.Actor;
using TlsPool.Actors.Cluster.Membership;

namespace TlsPool.Actors.Cluster;

/// <summary>Finds a part of another node; <see cref="NodePaths.Part"/>, but where there is no network.</summary>
/// <param name="context">Who asks.</param>
/// <param name="node">The node.</param>
/// <param name="part">Name of the part.</param>
internal delegate ICanTell NodeParts(IUntypedActorContext context, NodeView node, string part);
