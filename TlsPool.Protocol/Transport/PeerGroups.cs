using TlsPool.Protocol.Interop;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Transport;

/// <summary>The groups of the process at the other end of a UNIX socket (SO_PEERGROUPS), as they were when that end connected.</summary>
public static unsafe class PeerGroups
{
    /// <summary>Supplementary group ids; the main one is in <see cref="PeerCredentials"/>. Empty where the system does not tell.</summary>
    /// <param name="socket">A connected UNIX socket, owned by the caller for the time of the call.</param>
    public static IReadOnlyList<uint> Of(SafeDescriptor socket)
    {
        uint[] groups = new uint[32];
        while (true)
        {
            uint size = (uint)(groups.Length * sizeof(uint));
            fixed (uint* first = groups)
            {
                if (Libc.getsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_PEERGROUPS, first, &size) == 0)
                    return groups[..((int)size / sizeof(uint))];
            }
            int needed = (int)size / sizeof(uint);
            if (Libc.LastError != Libc.ERANGE || needed <= groups.Length)
                return [];
            groups = new uint[needed];
        }
    }
}
