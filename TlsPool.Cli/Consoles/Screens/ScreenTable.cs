using TlsPool.Cli.Consoles.Drawing;

namespace TlsPool.Cli.Consoles.Screens;

/// <summary>All screens.</summary>
internal static class ScreenTable
{
    private static readonly Dictionary<string, string> NodeName = new() { ["name"] = "node" };

    /// <summary>In the order of their keys.</summary>
    internal static IReadOnlyList<Screen> All { get; } =
    [
        new('1', "Overview", "node.overview", ["node"],
        [
            Column.Of("NODE", 1, "node", 6, 24),
            Column.Number("SESSIONS", 1, "sessions.all"),
            Column.Rate("SETUPS/S", 3, "handshakes.done", Amounts.Number),
            Column.Number("FAILED", 6, "handshakes.failed").In(row => row.Rate("handshakes.failed") > 0 ? Tone.Warning : Tone.Plain),
            Column.Rate("IN/S", 4, "bytes.received", Amounts.Bytes),
            Column.Rate("OUT/S", 4, "bytes.sent", Amounts.Bytes),
            new Column("TOKENS", 5, (row, _) => $"{row.Text("tokens.ready")}/{row.Text("tokens.all")}") { IsRight = true }
                .In(row => row.Number("tokens.ready") < row.Number("tokens.all") ? Tone.Warning : Tone.Plain),
            Column.Number("PINS", 3, "pinRequests").In(row => row.Number("pinRequests") > 0 ? Tone.Warning : Tone.Plain),
            Column.Number("EXPIRING", 6, "expiringIdentities").In(row => row.Number("expiringIdentities") > 0 ? Tone.Warning : Tone.Plain),
            Column.Bytes("MEMORY", 7, "memory"),
            Column.Rate("CPU", 5, "processorTime", share => $"{share * 100:0} %"),
            Column.Age("UP", 8, "started"),
            new Column("STATE", 2, (row, _) => row.Flag("isDraining") ? "draining" : "serving").In(row => row.Flag("isDraining") ? Tone.Warning : Tone.Good),
        ])
        { Fill = NodeName },
        new('2', "Nodes", "node.list", ["node"],
        [
            Column.Of("NODE", 1, "node", 6, 30),
            Column.Of("STATUS", 1, "status", 6, 9).In(row => row.Text("status") is "Up" or "Single" ? Tone.Good : Tone.Warning),
            Column.Of("REACHED", 2, "isReachable", 7, 7).In(row => row.Flag("isReachable") ? Tone.Plain : Tone.Bad),
            Column.Id("PORT", 4, "port"),
            Column.Of("THIS ONE", 5, "isSelf", 8, 8),
            Column.Id("WIRE", 6, "wireVersion"),
            Column.Of("ROLES", 7, "roles", 6, 30),
        ])
        { Fill = NodeName },
        new('3', "Sessions", "session.list", ["node", "number"],
        [
            Column.Id("NUMBER", 1, "number"),
            Column.Of("STATE", 3, "state", 11, 18).In(row => row.Text("state") is "established" ? Tone.Plain : Tone.Warning),
            Column.Of("ROLE", 6, "role", 6, 6),
            Column.Of("LOCAL ID", 4, "localId", 10, 40),
            Column.Of("REMOTE ID", 2, "remoteId", 10, 40),
            Column.Of("PEER", 5, "peer", 15, 27),
            Column.Id("UID", 7, "uid"),
            Column.Of("CIPHER SUITE", 9, "cipherSuite", 14, 32),
            Column.Age("AGE", 3, "started"),
            Column.Bytes("IN", 5, "received"),
            Column.Bytes("OUT", 5, "sent"),
            Column.Of("NODE", 8, "node", 6, 24),
        ]),
        new('4', "Tokens", "token.list", ["node", "token"],
        [
            Column.Of("STATE", 1, "state", 6, 12).In(row => row.Text("state") == "ready" ? Tone.Good : Tone.Warning),
            Column.Of("TOKEN", 2, "token", 16, 70),
            Column.Number("WAITING", 3, "waiting"),
            Column.Number("SIGNED", 4, "signatures"),
            Column.Of("NODE", 5, "node", 6, 24),
            Column.Of("REASON", 6, "reason", 10, 60),
        ]),
        new('5', "PIN entry", "entry.list", ["node", "kind", "name", "pid"],
        [
            Column.Of("KIND", 1, "kind", 11, 15).In(row => row.Text("kind") == "pin-request" ? Tone.Warning : Tone.Plain),
            Column.Of("NAME", 2, "name", 10, 40),
            Column.Of("STATE", 3, "state", 7, 8),
            Column.Id("UID", 5, "uid"),
            Column.Id("PID", 6, "pid"),
            Column.Of("NODE", 5, "node", 6, 24),
            Column.Of("DETAIL", 4, "detail", 10, 60),
        ]),
        new('6', "Identities", "identity.list", ["identity", "fingerprint"],
        [
            Column.Of("IDENTITY", 1, "identity", 16, 50),
            Column.Of("ROLES", 3, "roles", 6, 6),
            Column.Expiry("GOOD FOR", 2, "notAfter"),
            Column.Of("FINGERPRINT", 5, "fingerprint", 16, 16),
            Column.Of("KEY", 4, "key", 12, 60),
        ]),
        new('7', "Disclosure", "disclose.list", ["remote"],
        [
            Column.Of("TO", 1, "remote", 12, 50),
            Column.Of("IS SHOWN, IN THIS ORDER", 1, "shows", 12, 80),
        ]),
        new('8', "Access", "access.list", ["id"],
        [
            Column.Id("RULE", 1, "id"),
            Column.Of("LOCAL ID", 1, "localId", 12, 50),
            Column.Of("USER", 2, "user", 6, 12),
            Column.Of("GROUP", 2, "group", 6, 12),
            Column.Of("ROLE", 3, "role", 6, 6),
            Column.Of("SERVICE", 4, "service", 8, 20),
            Column.Of("SOCKET", 5, "socket", 10, 60),
        ])
        { Fill = new Dictionary<string, string> { ["rule"] = "id", ["local"] = "localId" } },
        new('9', "Trust", "trust.list", ["fingerprint"],
        [
            Column.Of("SUBJECT", 1, "subject", 16, 60),
            Column.Expiry("GOOD FOR", 2, "notAfter"),
            Column.Of("AUTHORITY", 4, "isAuthority", 9, 9),
            Column.Of("FINGERPRINT", 3, "fingerprint", 16, 16),
            Column.Of("SOURCE", 5, "source", 10, 60),
        ]),
        new('0', "Audit", "audit.list", ["node", "id"],
        [
            Column.Time("TIME", 1, "time"),
            Column.Of("DECISION", 2, "decision", 8, 8).In(row => row.Text("decision") == "refused" ? Tone.Bad : Tone.Plain),
            Column.Of("KIND", 4, "kind", 8, 16),
            Column.Id("UID", 5, "uid"),
            Column.Id("SESSION", 7, "session"),
            Column.Of("LOCAL ID", 6, "localId", 10, 30),
            Column.Of("REMOTE ID", 6, "remoteId", 10, 30),
            Column.Of("NODE", 8, "node", 6, 24),
            Column.Of("REASON", 1, "reason", 12, 120),
        ]),
        new('l', "Log", "log.list", ["node", "number", "time"],
        [
            Column.Time("TIME", 2, "time"),
            Column.Of("LEVEL", 3, "level", 7, 8).In(row => row.Text("level") switch { "error" or "critical" => Tone.Bad, "warning" => Tone.Warning, _ => Tone.Plain }),
            Column.Of("FACILITY", 4, "facility", 8, 10),
            Column.Of("NODE", 5, "node", 6, 24),
            Column.Of("TEXT", 1, "text", 12, 200),
        ]),
    ];
}
