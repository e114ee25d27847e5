using Akka.Actor;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Tokens;

namespace TlsPool.Actors.Management.Operations;

/// <summary>Tokens: their state, and logins.</summary>
internal static class TokenOperations
{
    /// <summary>A token's actor never waits for the token itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>A login waits for the token.</summary>
    private static readonly TimeSpan LoginPatience = TimeSpan.FromSeconds(20);

    private static readonly Parameter Token = new("token", ParameterKind.Text, "URI of the token, as 'token list' has it") { IsRequired = true };

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("token.list", ManagementRole.Viewer, "tokens, and the built-in key store", ManagementJson.Of<Page<TokenView>>())
        {
            Scope = OperationScope.AllNodes,
            Parameters = [Paging.LimitParameter, Paging.AfterParameter],
            RunAsync = async call => call.Paging.Take(await ListAsync(call).ConfigureAwait(false), KeyOf, view => view),
            Merge = (pages, call) => call.Paging.Merge([.. pages.Cast<Page<TokenView>>()], KeyOf),
        },
        new("token.login", ManagementRole.Operator, "log a token in", ManagementJson.Of<Done>())
        {
            Parameters =
            [
                Token,
                new("pin", ParameterKind.Secret, "its PIN; without one, the PIN of the configuration is used, or a person is asked"),
            ],
            IsChange = true,
            RunAsync = LogInAsync,
        },
        new("token.logout", ManagementRole.Operator, "log a token out: it signs nothing until somebody logs it in", ManagementJson.Of<Done>())
        {
            Parameters = [Token],
            IsChange = true,
            Confirms = "token",
            RunAsync = LogOutAsync,
        },
    ];

    /// <summary>All tokens of this node.</summary>
    internal static async Task<IReadOnlyList<TokenView>> ListAsync(OperationCall call)
    {
        TokenManagement.Tokens tokens = await call.Services.Tokens
            .Ask<TokenManagement.Tokens>(TokenManagement.List.Instance, Patience, call.Cancellation).ConfigureAwait(false);
        TokenView[] views = await Task.WhenAll(tokens.Members.Select(member => DescribeAsync(call, member))).ConfigureAwait(false);
        return [.. views];
    }

    private static async Task<TokenView> DescribeAsync(OperationCall call, TokenManagement.Member member)
    {
        try
        {
            TokenManagement.Described said = await member.Actor
                .Ask<TokenManagement.Described>(TokenManagement.Describe.Instance, Patience, call.Cancellation).ConfigureAwait(false);
            return new TokenView(call.Node, member.Uri, member.Module, said.State, said.Reason, said.Waiting, said.Signatures);
        }
        catch (AskTimeoutException)
        {
            return new TokenView(call.Node, member.Uri, member.Module, "failed", "its actor does not answer: see the log", 0, 0);
        }
    }

    private static RowKey KeyOf(TokenView view) => new(0, view.Token, view.Node, 0);

    private static async Task<object> LogInAsync(OperationCall call)
    {
        TokenManagement.Member member = await FindAsync(call).ConfigureAwait(false);
        // The actor overwrites its own copy, as it may come to it only later.
        byte[]? pin = call.Arguments.Secret("pin")?.ToArray();
        TokenManagement.Outcome outcome = await member.Actor
            .Ask<TokenManagement.Outcome>(new TokenManagement.LogIn(pin, call.Principal.Process), LoginPatience, call.Cancellation).ConfigureAwait(false);
        return Result(call, outcome);
    }

    private static async Task<object> LogOutAsync(OperationCall call)
    {
        TokenManagement.Member member = await FindAsync(call).ConfigureAwait(false);
        TokenManagement.Outcome outcome = await member.Actor
            .Ask<TokenManagement.Outcome>(new TokenManagement.LogOut(call.Principal.ToString()), LoginPatience, call.Cancellation).ConfigureAwait(false);
        return Result(call, outcome);
    }

    private static Done Result(OperationCall call, TokenManagement.Outcome outcome) => outcome.IsDone
        ? new Done(call.Node, outcome.Text, [])
        : throw OperationCall.Refuse(ManagementFault.Conflict, outcome.Text);

    private static async Task<TokenManagement.Member> FindAsync(OperationCall call)
    {
        string uri = call.Arguments.Needed("token");
        TokenManagement.Tokens tokens = await call.Services.Tokens
            .Ask<TokenManagement.Tokens>(TokenManagement.List.Instance, Patience, call.Cancellation).ConfigureAwait(false);
        TokenManagement.Member member = tokens.Members.FirstOrDefault(member => member.Uri == uri)
            ?? throw OperationCall.Refuse(ManagementFault.NotFound, $"{call.Node} has no such token: see 'tlspool token list'");
        return member.Module.Length > 0
            ? member
            : throw OperationCall.Refuse(ManagementFault.Conflict, "the built-in key store has no login");
    }
}
