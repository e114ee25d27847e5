namespace TlsPool.Actors.Cluster.Wire;

/// <summary>A message that crosses to other nodes. Immutable, without descriptors; has a <see cref="WireCodec"/>.</summary>
public interface IClusterMessage;
