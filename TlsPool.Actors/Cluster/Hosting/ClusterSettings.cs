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
        return string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              actor {
                provider = cluster
                guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy, Akka"
                {{WireSettings.Hocon}}
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
                pool { transport-class = "{{WireSettings.Type<TlsTransport>()}}", applied-adapters = [] }
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
}
