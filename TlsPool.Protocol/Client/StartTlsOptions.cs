using System.Globalization;
using TlsPool.Protocol.Frames;

namespace TlsPool.Protocol.Client;

/// <summary>What to ask of the pool for one connection (behaviour.md, "STARTTLS").</summary>
public sealed record StartTlsOptions
{
    private const StartTlsFlags LocalRoles = StartTlsFlags.LocalRolePeer;
    private const StartTlsFlags RemoteRoles = StartTlsFlags.RemoteRolePeer;

    /// <summary>Roles and requirements. At least one role on each side.</summary>
    public required StartTlsFlags Flags { get; init; }

    /// <summary>Identity to use on this side: a domain or user@domain, at most 127 bytes. Empty leaves the choice to the pool.</summary>
    public string LocalId { get; init; } = "";

    /// <summary>Identity that the other side has to prove, at most 127 bytes. Empty accepts whom the pool's policy accepts.</summary>
    public string RemoteId { get; init; } = "";

    /// <summary>IANA service name of the protocol inside, at most 16 bytes; "http", "imap".</summary>
    public string Service { get; init; } = "";

    /// <summary>Time for the whole set-up, in whole milliseconds. Null for the pool's own; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Key to control the session with later; null for a random one, which the result tells.</summary>
    public ControlKey? ControlKey { get; init; }

    /// <summary>Field <c>ipproto</c>: 6 TCP (default), 17 UDP, 132 SCTP.</summary>
    public byte IpProtocol { get; init; } = 6;

    /// <summary>Field <c>streamid</c>, of SCTP.</summary>
    public ushort StreamId { get; init; }

    /// <summary>Field <c>local</c>: bits for the application's own use.</summary>
    public uint Local { get; init; }

    /// <summary>Judges each local identity that the pool proposes; setting it sets <see cref="StartTlsFlags.LocalIdCheck"/>.</summary>
    public LocalIdCheck? CheckLocalId { get; init; }

    /// <summary>
    /// Gives the plaintext descriptor once the identities are validated. By default a pair of sockets is made, and
    /// <see cref="TlsSession"/> has this side's end.
    /// </summary>
    public PlaintextConnect? ConnectPlaintext { get; init; }

    /// <summary>Acts as TLS client.</summary>
    /// <param name="remoteId">Who should be there.</param>
    /// <param name="flags">Requirements beside the roles.</param>
    public static StartTlsOptions Client(string remoteId, StartTlsFlags flags = StartTlsFlags.None) => new()
    {
        Flags = flags | StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer,
        RemoteId = remoteId,
    };

    /// <summary>Acts as TLS server.</summary>
    /// <param name="localId">Whom to be; empty for what the client asks for (SNI).</param>
    /// <param name="flags">Requirements beside the roles.</param>
    public static StartTlsOptions Server(string localId = "", StartTlsFlags flags = StartTlsFlags.None) => new()
    {
        Flags = flags | StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient,
        LocalId = localId,
    };

    /// <summary>Takes the role that the other side leaves.</summary>
    /// <param name="localId">Whom to be.</param>
    /// <param name="remoteId">Who should be there.</param>
    /// <param name="flags">Requirements beside the roles.</param>
    public static StartTlsOptions Peer(string localId = "", string remoteId = "", StartTlsFlags flags = StartTlsFlags.None) => new()
    {
        Flags = flags | StartTlsFlags.BothRolesPeer,
        LocalId = localId,
        RemoteId = remoteId,
    };

    /// <summary>
    /// Renews a session (<see cref="TlsPoolClient.RenegotiateAsync"/>): new keys, and the identities that are named or asked for. A server's
    /// application asks for the client's identity with <see cref="StartTlsFlags.None"/> or <see cref="StartTlsFlags.RequestRemoteId"/>, and for
    /// new keys only with <see cref="StartTlsFlags.IgnoreRemoteId"/>.
    /// </summary>
    /// <param name="flags">What is asked of the other side.</param>
    public static StartTlsOptions Renewal(StartTlsFlags flags = StartTlsFlags.None) => new() { Flags = flags | StartTlsFlags.Renegotiate };

    /// <summary>The body of the request.</summary>
    /// <exception cref="ArgumentException">A role is missing, or the timeout is out of range.</exception>
    internal StartTlsMessage ToMessage()
    {
        StartTlsFlags flags = CheckLocalId is null ? Flags : Flags | StartTlsFlags.LocalIdCheck;
        if ((flags & StartTlsFlags.Renegotiate) == 0 && ((flags & LocalRoles) == 0 || (flags & RemoteRoles) == 0))
            throw new ArgumentException("Flags need at least one LocalRole and one RemoteRole");
        return new StartTlsMessage(
            flags, Local, IpProtocol, StreamId, LocalId, RemoteId, ControlKey ?? Frames.ControlKey.Random(), Service, Milliseconds());
    }

    private uint Milliseconds()
    {
        if (Timeout is not { } timeout)
            return StartTlsMessage.TimeoutDefault;
        if (timeout == System.Threading.Timeout.InfiniteTimeSpan)
            return StartTlsMessage.TimeoutInfinite;
        double milliseconds = Math.Ceiling(timeout.TotalMilliseconds);
        if (milliseconds is < 1 or >= uint.MaxValue)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Timeout is 1 ms to {uint.MaxValue - 1} ms"));
        return (uint)milliseconds;
    }
}
