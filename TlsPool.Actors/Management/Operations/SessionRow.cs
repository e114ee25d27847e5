using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Records;

namespace TlsPool.Actors.Management.Operations;

/// <summary>How a session is shown, and where in a list.</summary>
internal static class SessionRow
{
    internal const string ByAge = "age";
    internal const string ByBytes = "bytes";
    internal const string ByIdentity = "identity";
    internal const string ByNumber = "number";

    internal static IReadOnlyList<string> Orders { get; } = [ByNumber, ByAge, ByBytes, ByIdentity];

    internal static IReadOnlyList<string> States { get; } = ["handshaking", "awaiting-plaintext", "established", "renewing", "closing"];

    internal static string StateOf(SessionEntry entry) =>
        entry.IsEnding ? "closing"
        : !entry.IsEstablished ? entry.Negotiated is null ? "handshaking" : "awaiting-plaintext"
        : entry.Renewal is not null ? "renewing"
        : "established";

    internal static long BytesOf(SessionEntry entry) => entry.Negotiated is { Pump: var pump } ? pump.BytesToPlaintext + pump.BytesToCiphertext : 0;

    internal static RowKey KeyOf(SessionEntry entry, string node, string sort) =>
        Key(sort, entry.Started, sort == ByBytes ? BytesOf(entry) : 0, sort == ByIdentity ? NameOf(entry) : "", node, entry.Number);

    internal static RowKey KeyOf(SessionView view, string sort) =>
        Key(sort, view.Started, view.Received + view.Sent, view.RemoteId.Length > 0 ? view.RemoteId : view.LocalId, view.Node, view.Number);

    internal static SessionView ViewOf(SessionEntry entry, string node)
    {
        SessionRequest request = entry.Request;
        NegotiatedSession? negotiated = entry.Negotiated;
        return new SessionView(
            node,
            entry.Number,
            StateOf(entry),
            TlsNames.Role(request.Role),
            request.Message.LocalId,
            request.Message.RemoteId,
            entry.Peer?.ToString() ?? "",
            request.Message.Service,
            request.Application.UserId,
            request.Application.ProcessId,
            negotiated is null ? "" : negotiated.Parameters.Version == TlsVersion.Tls13 ? "TLS 1.3" : "TLS 1.2",
            negotiated is null ? "" : TlsNames.CipherSuite(negotiated.Parameters.CipherSuite),
            negotiated is null ? "" : TlsNames.Group(negotiated.Parameters.Group),
            negotiated is { Parameters.Resumed: true },
            entry.Controller is null,
            entry.Started,
            negotiated?.Pump.BytesToPlaintext ?? 0,
            negotiated?.Pump.BytesToCiphertext ?? 0);
    }

    private static string NameOf(SessionEntry entry) =>
        entry.Request.Message.RemoteId is { Length: > 0 } remote ? remote : entry.Request.Message.LocalId;

    // Oldest first, most bytes first, names in their order; by number otherwise, which is the order of beginning at each node.
    private static RowKey Key(string sort, DateTimeOffset started, long bytes, string name, string node, long number) => sort switch
    {
        ByAge => new RowKey(started.UtcTicks, "", node, number),
        ByBytes => new RowKey(-bytes, "", node, number),
        ByIdentity => new RowKey(0, name, node, number),
        _ => new RowKey(0, "", node, number),
    };
}
