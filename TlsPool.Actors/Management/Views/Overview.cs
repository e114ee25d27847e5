namespace TlsPool.Actors.Management.Views;

/// <summary>A node at a glance.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Version">Version of the program, with its build.</param>
/// <param name="Process">Number of the process.</param>
/// <param name="Started">When it started.</param>
/// <param name="Time">When this was said, by the clock of the node.</param>
/// <param name="IsDraining">True if it takes no new sessions.</param>
/// <param name="Sessions">Its sessions.</param>
/// <param name="Handshakes">Setups since the start.</param>
/// <param name="Bytes">Application bytes since the start.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="PinRequests">PINs that are waited for.</param>
/// <param name="EntryPrograms">Programs that serve PIN entry or local identities.</param>
/// <param name="Identities">Credentials stored.</param>
/// <param name="ExpiringIdentities">Those that are good for less than thirty days, or no more.</param>
/// <param name="TrustAnchors">Trust anchors.</param>
/// <param name="Nodes">Nodes of the cluster.</param>
/// <param name="Memory">Bytes of memory in use (resident set).</param>
/// <param name="ProcessorTime">Seconds of processor time since the start.</param>
/// <param name="LogLevel">Lowest level that is logged.</param>
public sealed record Overview(
    string Node,
    string Version,
    int Process,
    DateTimeOffset Started,
    DateTimeOffset Time,
    bool IsDraining,
    SessionCounts Sessions,
    HandshakeCounts Handshakes,
    ByteCounts Bytes,
    TokenCounts Tokens,
    int PinRequests,
    int EntryPrograms,
    int Identities,
    int ExpiringIdentities,
    int TrustAnchors,
    NodeCounts Nodes,
    long Memory,
    double ProcessorTime,
    string LogLevel);

/// <summary>Sessions that there are.</summary>
/// <param name="All">All of them.</param>
/// <param name="SettingUp">Those that carry no data yet.</param>
/// <param name="Detached">Those that nobody controls.</param>
public sealed record SessionCounts(int All, int SettingUp, int Detached);

/// <summary>Setups of sessions since the daemon started.</summary>
/// <param name="Done">Those that succeeded.</param>
/// <param name="Resumed">Of these, those that resumed an earlier session.</param>
/// <param name="Failed">Those that did not.</param>
public sealed record HandshakeCounts(long Done, long Resumed, long Failed);

/// <summary>Application bytes since the daemon started.</summary>
/// <param name="Received">Opened, and passed to applications.</param>
/// <param name="Sent">Sealed, and passed to peers.</param>
public sealed record ByteCounts(long Received, long Sent);

/// <summary>Tokens that there are.</summary>
/// <param name="All">All of them.</param>
/// <param name="Ready">Those that sign.</param>
public sealed record TokenCounts(int All, int Ready);

/// <summary>Nodes that there are.</summary>
/// <param name="All">All members.</param>
/// <param name="Active">Those that take part and are reached.</param>
public sealed record NodeCounts(int All, int Active);
