using System.Collections.Frozen;
using Akka.Actor;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>The configuration of Akka on both sides of a connection of management.</summary>
internal static class ManagementSettings
{
    /// <summary>Scheme of addresses, behind <c>akka.</c>.</summary>
    internal const string Scheme = "manage";

    /// <summary>Name of the actor system of a node.</summary>
    internal const string NodeSystem = "tlspool-manage";

    /// <summary>Name of the actor system of a program.</summary>
    internal const string ProgramSystem = "tlspool-console";

    /// <summary>Name of the actor that programs speak to.</summary>
    internal const string DoorName = "management";

    /// <summary>Address of a node: there is one at the other end, whatever it is called.</summary>
    internal static Address NodeAddress { get; } = new(Scheme, NodeSystem, "node", 1);

    /// <summary>The only messages that cross.</summary>
    internal static WireContext Context() => new() { Only = new[] { typeof(ManagementRequest), typeof(ManagementReply) }.ToFrozenSet() };

    /// <summary>Address of a program.</summary>
    internal static Address ProgramAddress(string name) => new(Scheme, ProgramSystem, name, 1);

    /// <summary>
    /// Settings of either side. Answers go over the connection that the program has made: nodes make none. A program's name is never used again,
    /// so what is known of it is soon forgotten.
    /// </summary>
    /// <typeparam name="T">The transport.</typeparam>
    internal static string Hocon<T>() => $$"""
        akka {
          actor {
            provider = remote
            guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy, Akka"
            {{WireSettings.Hocon}}
          }
          scheduler.tick-duration = 100ms
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          loglevel = OFF
          stdout-loglevel = OFF
          coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
          remote {
            enabled-transports = ["akka.remote.pool"]
            use-passive-connections = on
            log-remote-lifecycle-events = off
            retry-gate-closed-for = 60s
            prune-quarantine-marker-after = 10m
            quarantine-after-silence = 5m
            transport-failure-detector { heartbeat-interval = 5s, acceptable-heartbeat-pause = 30s }
            pool { transport-class = "{{WireSettings.Type<T>()}}", applied-adapters = [] }
          }
        }
        """;
}
