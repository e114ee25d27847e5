using TlsPool.Actors.Audit;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Sessions;

/// <summary>A STARTTLS request whose flags have been checked (behaviour.md, "STARTTLS" step 1). Immutable, without descriptors.</summary>
/// <param name="RequestId">The application's request id.</param>
/// <param name="Application">Who asks.</param>
/// <param name="Role">The local role.</param>
/// <param name="PeerAuthentication">What is asked of the peer.</param>
/// <param name="Message">The request as it came.</param>
public sealed record SessionRequest(
    ushort RequestId,
    PeerCredentials Application,
    TlsRole Role,
    PeerAuthentication PeerAuthentication,
    StartTlsMessage Message)
{
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const byte Sctp = 132;

    /// <summary>What the role depends on; where it is <see cref="PeerPart.Either"/>, <see cref="Role"/> is the client's until it is decided.</summary>
    public PeerPart Peer { get; init; }

    /// <summary>Where the application came in.</summary>
    public ApplicationOrigin Origin { get; init; } = ApplicationOrigin.Unknown;

    /// <summary>True if the session outlives the connection that made it.</summary>
    public bool Fork => Message.Flags.HasFlag(StartTlsFlags.Fork);

    /// <summary>True if the session starts without a controlling connection.</summary>
    public bool Detach => Message.Flags.HasFlag(StartTlsFlags.Detach);

    /// <summary>True if the application wants to see each candidate local identity.</summary>
    public bool CheckLocalId => Message.Flags.HasFlag(StartTlsFlags.LocalIdCheck);

    /// <summary>True if the local identity's certificate is made for the moment.</summary>
    public bool OnTheFly => Message.Flags.HasFlag(StartTlsFlags.LocalIdOnTheFly);

    /// <summary>A decision about this request, for the audit trail.</summary>
    internal AuditEvent Event(AuditKind kind, bool allowed, string reason) => new(kind, allowed, reason)
    {
        Application = Application,
        LocalId = Message.LocalId,
        RemoteId = Message.RemoteId,
        Use = TlsNames.Use(Role, Message.Service),
    };

    /// <summary>Checks a request.</summary>
    /// <param name="requestId">The application's request id.</param>
    /// <param name="application">Who asks.</param>
    /// <param name="message">The request.</param>
    /// <param name="fault">Why it is refused, if the result is null.</param>
    public static SessionRequest? TryParse(ushort requestId, PeerCredentials application, StartTlsMessage message, out PoolFault? fault)
    {
        fault = CheckTransport(message);
        if (fault is not null)
            return null;
        bool client = message.Flags.HasFlag(StartTlsFlags.LocalRoleClient) && message.Flags.HasFlag(StartTlsFlags.RemoteRoleServer);
        bool server = message.Flags.HasFlag(StartTlsFlags.LocalRoleServer) && message.Flags.HasFlag(StartTlsFlags.RemoteRoleClient);
        if (!client && !server)
        {
            fault = new PoolFault(PoolError.CommandNotImplemented, "no local role is left that the remote role can answer");
            return null;
        }
        return new SessionRequest(requestId, application, client ? TlsRole.Client : TlsRole.Server, Authentication(message.Flags), message)
        {
            Peer = !message.Flags.HasFlag(StartTlsFlags.RemoteRolePeer) ? PeerPart.None
                : client && server ? PeerPart.Either
                : client ? PeerPart.Client
                : PeerPart.Server,
        };
    }

    private static PoolFault? CheckTransport(StartTlsMessage message) => message.IpProtocol switch
    {
        Tcp => null,
        Udp when !message.Flags.HasFlag(StartTlsFlags.Dtls) =>
            new PoolFault(PoolError.CommandNotImplemented, "UDP needs the DTLS flag"),
        Udp or Sctp => new PoolFault(PoolError.CommandNotImplemented, "DTLS is not available: use TCP"),
        _ => new PoolFault(PoolError.CommandNotImplemented, "ipproto has to be TCP (6)"),
    };

    internal static PeerAuthentication Authentication(StartTlsFlags flags) =>
        flags.HasFlag(StartTlsFlags.IgnoreRemoteId) ? PeerAuthentication.Ignore
        : flags.HasFlag(StartTlsFlags.RequestRemoteId) ? PeerAuthentication.Request
        : PeerAuthentication.Demand;
}
