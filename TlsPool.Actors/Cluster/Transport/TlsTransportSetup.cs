using Akka.Actor;
using Akka.Actor.Setup;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>What the transport of an actor system is made of.</summary>
internal sealed class TlsTransportSetup(ClusterConfiguration configuration, NodeCertificates certificates, ILogger log) : Setup
{
    internal ClusterConfiguration Configuration => configuration;

    internal NodeCertificates Certificates => certificates;

    internal ILogger Log => log;

    internal static TlsTransportSetup Of(ActorSystem system) => system.Settings.Setup.Get<TlsTransportSetup>().Value;
}
