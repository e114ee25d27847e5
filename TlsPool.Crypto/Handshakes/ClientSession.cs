using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>A session a client may resume, opaque outside the engine. Holds secrets: never logged, no text form.</summary>
public abstract class ClientSession
{
    /// <summary>The version it belongs to.</summary>
    public abstract TlsVersion Version { get; }

    /// <summary>When it stops being usable.</summary>
    public abstract DateTimeOffset Expires { get; }

    /// <summary>Bytes that a server can make it take.</summary>
    public abstract int Size { get; }

    /// <summary>The server's chain of the full handshake: it is judged anew on resumption.</summary>
    public abstract IReadOnlyList<ReadOnlyMemory<byte>> PeerChain { get; }
}
