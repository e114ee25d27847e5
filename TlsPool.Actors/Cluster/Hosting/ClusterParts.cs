using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Hosting;

/// <summary>What a node is made of, in each of its lives.</summary>
/// <param name="Configuration">The cluster.</param>
/// <param name="Certificates">This node's certificate.</param>
/// <param name="Parts">Actors that do the work between nodes.</param>
/// <param name="Loggers">The log.</param>
internal sealed record ClusterParts(
    ClusterConfiguration Configuration, NodeCertificates Certificates, IReadOnlyList<ClusterPart> Parts, ILoggerFactory Loggers)
{
    /// <summary>Log of the facility CLUSTER.</summary>
    internal ILogger Log { get; } = Loggers.CreateLogger(Logging.LogFacility.Cluster);
}

/// <summary>An actor at the top of a node, which others reach by its name.</summary>
/// <param name="Name">Its name, the same on all nodes.</param>
/// <param name="Props">Makes it for a new life.</param>
internal sealed record ClusterPart(string Name, Func<Props> Props);
