using Akka.Actor;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Sessions;

namespace TlsPool.Actors.Management.Operations;

/// <summary>Sessions: seen by everybody who manages the pool, ended and detached by operators.</summary>
internal static class SessionOperations
{
    private static readonly Parameter Number = new("number", ParameterKind.Number, "number of the session, as in the log") { IsRequired = true };

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("session.list", ManagementRole.Viewer, "sessions that there are", ManagementJson.Of<Page<SessionView>>())
        {
            Scope = OperationScope.AllNodes,
            Parameters =
            [
                new("identity", ParameterKind.Text, "with this in the local or remote identity, in whatever case"),
                new("peer", ParameterKind.Text, "whose peer's network address begins so"),
                new("uid", ParameterKind.Number, "of applications of this user"),
                new("suite", ParameterKind.Text, "with this in the version of TLS, the cipher suite or the group"),
                new("state", ParameterKind.Text, "in this state") { Choices = SessionRow.States },
                new("min-age", ParameterKind.Number, "asked for at least so many seconds ago"),
                new("min-bytes", ParameterKind.Number, "that have carried at least so many bytes"),
                new("sort", ParameterKind.Text, "the order") { Choices = SessionRow.Orders },
                Paging.LimitParameter,
                Paging.AfterParameter,
            ],
            Run = List,
            Merge = (pages, call) => call.Paging.Merge([.. pages.Cast<Page<SessionView>>()], view => SessionRow.KeyOf(view, call.Paging.Sort)),
        },
        new("session.show", ManagementRole.Viewer, "one session", ManagementJson.Of<SessionView>())
        {
            Parameters = [Number],
            Run = call => SessionRow.ViewOf(Find(call), call.Node),
        },
        new("session.close", ManagementRole.Operator, "end a session, as if its application had", ManagementJson.Of<Done>())
        {
            Parameters = [Number],
            IsChange = true,
            Confirms = "number",
            RunAsync = CloseAsync,
        },
        new("session.detach", ManagementRole.Operator, "take a session from its application: it goes on, and who has its control key may pick it up", ManagementJson.Of<Done>())
        {
            Parameters = [Number],
            IsChange = true,
            Confirms = "number",
            RunAsync = DetachAsync,
        },
    ];

    private static Page<SessionView> List(OperationCall call)
    {
        Arguments arguments = call.Arguments;
        string? identity = arguments.Text("identity");
        string? peer = arguments.Text("peer");
        string? suite = arguments.Text("suite");
        string? state = arguments.Text("state");
        long? uid = arguments.Number("uid");
        long? bytes = arguments.Number("min-bytes");
        DateTimeOffset? before = arguments.Number("min-age") is { } age ? DateTimeOffset.UtcNow.AddSeconds(-Math.Min(age, int.MaxValue)) : null;
        string sort = call.Paging.Sort;
        IEnumerable<SessionEntry> passing = call.Services.Sessions.All.Where(entry =>
            (uid is null || entry.Request.Application.UserId == uid)
            && (before is null || entry.Started <= before)
            && (state is null || SessionRow.StateOf(entry) == state)
            && (bytes is null || SessionRow.BytesOf(entry) >= bytes)
            && (identity is null || Has(entry.Request.Message.LocalId, identity) || Has(entry.Request.Message.RemoteId, identity))
            && (peer is null || entry.Peer?.ToString().StartsWith(peer, StringComparison.OrdinalIgnoreCase) == true)
            && (suite is null || (entry.Negotiated is { } negotiated && Has(negotiated.Parameters.ToString(), suite))));
        return call.Paging.Take(passing, entry => SessionRow.KeyOf(entry, call.Node, sort), entry => SessionRow.ViewOf(entry, call.Node));
    }

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static SessionEntry Find(OperationCall call)
    {
        long number = call.Arguments.Number("number")!.Value;
        return call.Services.Sessions.Find(number) ?? throw NoSession(call, number);
    }

    private static async Task<object> CloseAsync(OperationCall call)
    {
        long number = call.Arguments.Number("number")!.Value;
        await ManageAsync(call, new SessionProtocol.End(number, call.Principal.ToString()), number).ConfigureAwait(false);
        return new Done(call.Node, $"session {number} was ended", []);
    }

    private static async Task<object> DetachAsync(OperationCall call)
    {
        long number = call.Arguments.Number("number")!.Value;
        await ManageAsync(call, new SessionProtocol.Release(number), number).ConfigureAwait(false);
        return new Done(call.Node, $"session {number} was detached: it waits for who has its control key", []);
    }

    private static async Task ManageAsync(OperationCall call, object message, long number)
    {
        SessionProtocol.Managed answer = await call.Services.Pool.Ask<SessionProtocol.Managed>(message, call.Cancellation).ConfigureAwait(false);
        Check(answer.Outcome, call, number);
    }

    private static void Check(SessionProtocol.ManagedOutcome outcome, OperationCall call, long number)
    {
        switch (outcome)
        {
            case SessionProtocol.ManagedOutcome.NoSession:
                throw NoSession(call, number);
            case SessionProtocol.ManagedOutcome.NotEstablished:
                throw OperationCall.Refuse(ManagementFault.Conflict, $"session {number} is not set up, or is ending: only one that carries data can be detached");
            case SessionProtocol.ManagedOutcome.IsDetached:
                throw OperationCall.Refuse(ManagementFault.Conflict, $"session {number} is detached already");
            case SessionProtocol.ManagedOutcome.NoKey:
                throw OperationCall.Refuse(ManagementFault.Conflict, $"session {number} has no control key: nobody could pick it up again");
        }
    }

    private static ManagementException NoSession(OperationCall call, long number) =>
        OperationCall.Refuse(ManagementFault.NotFound, $"{call.Node} has no session {number}: it may have ended");
}
