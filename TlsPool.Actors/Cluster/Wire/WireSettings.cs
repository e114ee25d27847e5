namespace TlsPool.Actors.Cluster.Wire;

/// <summary>Settings of Akka about what crosses between processes.</summary>
internal static class WireSettings
{
    /// <summary>
    /// What goes into <c>akka.actor</c>. Types without a serializer of ours or Akka's own are not written; that setting says nothing of what is
    /// read. So serializers that make objects of types which a message names are taken away, and those that nodes need are held to what nodes say.
    /// </summary>
    internal static string Hocon { get; } = $$"""
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
        """;

    /// <summary>A type as Akka's settings name it.</summary>
    internal static string Type<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
