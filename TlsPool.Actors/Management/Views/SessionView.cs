namespace TlsPool.Actors.Management.Views;

/// <summary>A session. Nothing in it opens anything: control keys and traffic are not shown.</summary>
/// <param name="Node">The node that has it.</param>
/// <param name="Number">Its number there, as in the log and the audit trail.</param>
/// <param name="State">preparing, handshaking, awaiting-plaintext, established, renewing or closing.</param>
/// <param name="Role">client or server.</param>
/// <param name="LocalId">Local identity; empty for none.</param>
/// <param name="RemoteId">Remote identity; empty for none.</param>
/// <param name="Peer">Network address of the peer; empty where it is not known.</param>
/// <param name="Service">Service name; empty for none.</param>
/// <param name="Uid">User of the application.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Version">TLS 1.2 or TLS 1.3; empty before the handshake is done.</param>
/// <param name="CipherSuite">IANA name; empty before the handshake is done.</param>
/// <param name="Group">Key exchange group; empty before the handshake is done.</param>
/// <param name="IsResumed">True if an earlier session was resumed.</param>
/// <param name="IsDetached">True if no connection controls it.</param>
/// <param name="Started">When it was asked for.</param>
/// <param name="Received">Application bytes passed to the application.</param>
/// <param name="Sent">Application bytes passed to the peer.</param>
public sealed record SessionView(
    string Node,
    long Number,
    string State,
    string Role,
    string LocalId,
    string RemoteId,
    string Peer,
    string Service,
    uint Uid,
    int Pid,
    string Version,
    string CipherSuite,
    string Group,
    bool IsResumed,
    bool IsDetached,
    DateTimeOffset Started,
    long Received,
    long Sent);
