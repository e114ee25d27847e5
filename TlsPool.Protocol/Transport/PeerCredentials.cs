using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.Transport;

/// <summary>Who is at the other end of a UNIX socket (SO_PEERCRED), as it was when that end connected.</summary>
/// <param name="ProcessId">Process id, 0 if outside this PID name space.</param>
/// <param name="UserId">Effective user id.</param>
/// <param name="GroupId">Effective group id.</param>
public readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    /// <summary>The program, as far as the kernel tells: a path; or the name that the process gave itself, in brackets; or nothing.</summary>
    public string Executable { get => field ?? ""; init; }

    /// <summary>Asks the kernel; users and groups that nobody has where it does not say.</summary>
    /// <param name="socket">Descriptor of a connected UNIX socket.</param>
    public static unsafe PeerCredentials OfPeer(int socket)
    {
        int* credentials = stackalloc int[3];
        uint length = 3 * sizeof(int);
        return Libc.getsockopt(socket, Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials, &length) == 0
            ? new PeerCredentials(credentials[0], (uint)credentials[1], (uint)credentials[2])
            : new PeerCredentials(0, uint.MaxValue, uint.MaxValue);
    }
}
