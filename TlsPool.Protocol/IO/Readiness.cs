namespace TlsPool.Protocol.IO;

/// <summary>What an epoll event says (the kernel's EPOLL bits).</summary>
[Flags]
public enum Readiness : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>EPOLLIN: bytes, a connection or end of data can be read.</summary>
    Readable = 0x001,

    /// <summary>EPOLLOUT: room to write.</summary>
    Writable = 0x004,

    /// <summary>EPOLLERR.</summary>
    Error = 0x008,

    /// <summary>EPOLLHUP: both directions are shut.</summary>
    HangUp = 0x010,

    /// <summary>EPOLLRDHUP: the other side will send no more.</summary>
    PeerClosed = 0x2000,
}
