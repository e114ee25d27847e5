namespace TlsPool.Protocol.Transport;

/// <summary>Who is at the other end of a UNIX socket (SO_PEERCRED), as it was when that end connected.</summary>
/// <param name="ProcessId">Process id, 0 if outside this PID name space.</param>
/// <param name="UserId">Effective user id.</param>
/// <param name="GroupId">Effective group id.</param>
public readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    /// <summary>The program, as far as the kernel tells: a path; or the name that the process gave itself, in brackets; or nothing.</summary>
    public string Executable { get => field ?? ""; init; }
}
