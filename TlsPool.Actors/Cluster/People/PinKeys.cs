using TlsPool.Actors.Cluster.Wire;

namespace TlsPool.Actors.Cluster.People;

/// <summary>
/// Between the stand-ins of a program's connection and of a token, without the arbiter: so the key is the one of the node whose name the
/// person is shown, and the arbiter cannot put its own in its place.
/// </summary>
internal static class PinKeys
{
    /// <summary>To a token's stand-in: a PIN is about to be entered at the sender's node. Answered by <see cref="Given"/>.</summary>
    internal sealed record Wanted : IClusterMessage
    {
        internal static Wanted Instance { get; } = new();
    }

    /// <summary>The key to seal it for, which is good for one PIN.</summary>
    /// <param name="Key">Its public half.</param>
    internal sealed record Given(byte[] Key) : IClusterMessage;
}
