using System.Globalization;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Hosting;

/// <summary>The configuration of Akka for a node.</summary>
internal static class ClusterSettings
{
    /// <summary>Name of the actor system; the same on all nodes, as addresses have it.</summary>
    internal const string SystemName = "tlspool-cluster";

    /// <summary>Role of nodes that collect the audit trails of all.</summary>
    internal const string AuditRole = "audit";

    /// <summary>Settings of a node.</summary>
    internal static string Hocon(ClusterConfiguration configuration)
    {
        string seeds = string.Join(", ", configuration.Members.Select(member => $"\"akka.{TlsTransport.Scheme}://{SystemName}@{member}\""));
        string roles = string.Join(", ", RolesOf(configuration).Select(role => $"\"{role}\""));
        int version = configuration.WireVersion == 0 ? WireVersion.Newest : configuration.WireVersion;
        // Passive connections off: nothing is sent over a connection that a peer has made, only over one whose certificate we asked for.
        // Types without a serializer of ours or Akka's own are not written; that setting says nothing of what is read. So serializers that make
        // objects of types which a message names are taken away, and those that nodes need are held to what nodes say.
        return string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              actor {
                provider = cluster
                guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy, Akka"
                serialization-settings.allow-unregistered-types = off
                serializers {
                  {{ClusterSerializer.Name}} = "{{Type<ClusterSerializer>()}}"
                  akka-misc = "{{Type<WatcherSerializer>()}}"
                  akka-system-msg = "{{Type<SystemSerializer>()}}"
                  json = "{{Type<RefusingSerializer>()}}"
                  proto = "{{Type<RefusingSerializer>()}}"
                  daemon-create = "{{Type<RefusingSerializer>()}}"
                  reliable-delivery = "{{Type<RefusingSerializer>()}}"
                }
                serialization-bindings { "{{Type<IClusterMessage>()}}" = {{ClusterSerializer.Name}} }
              }
              scheduler.tick-duration = 50ms
              log-dead-letters = off
              log-dead-letters-during-shutdown = off
              coordinated-shutdown {
                exit-clr = off
                run-by-clr-shutdown-hook = off
              }
              remote {
                enabled-transports = ["akka.remote.pool"]
                use-passive-connections = off
                log-remote-lifecycle-events = off
                retry-gate-closed-for = 1s
                pool { transport-class = "{{Type<TlsTransport>()}}", applied-adapters = [] }
              }
              cluster {
                seed-nodes = [{{seeds}}]
                roles = [{{roles}}]
                app-version = "{{version}}.0.0"
                retry-unsuccessful-join-after = 3s
                shutdown-after-unsuccessful-join-seed-nodes = off
                downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                split-brain-resolver {
                  active-strategy = keep-majority
                  stable-after = {{configuration.DecisionTime.TotalSeconds}}s
                  down-all-when-unstable = on
                }
                failure-detector { acceptable-heartbeat-pause = 4s, threshold = 9 }
              }
            }
            """);
    }

    private static IEnumerable<string> RolesOf(ClusterConfiguration configuration)
    {
        IEnumerable<string> roles = configuration.Roles;
        if (configuration.CollectsAudit)
            roles = roles.Append(AuditRole);
        if (configuration.SharesEntry)
            roles = roles.Append(EntryPeers.Role);
        return roles.Distinct();
    }

    private static string Type<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
