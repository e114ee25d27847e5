namespace TlsPool.Protocol.Transport;

/// <summary>Why a <see cref="FrameConnection"/> ended.</summary>
public enum TransportEnd
{
    /// <summary>This side closed it.</summary>
    ClosedHere,

    /// <summary>The other side closed it between two frames.</summary>
    ClosedByPeer,

    /// <summary>The other side closed it inside a frame.</summary>
    TruncatedFrame,

    /// <summary>The kernel dropped descriptors (MSG_CTRUNC).</summary>
    DescriptorsTruncated,

    /// <summary>The other side does not read and the output limit is reached.</summary>
    OutputLimit,

    /// <summary>The socket failed.</summary>
    Failed,
}
