using System.Text.Json;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Operations;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Cli.Consoles;

/// <summary>Asks the node for the list that is shown, again and again, but never for two things at once: a slow node is not made slower.</summary>
/// <param name="link">The connection.</param>
/// <param name="post">Has something done on the console's own thread, where everything else here is called.</param>
/// <param name="refresh">How old an answer becomes before the next question.</param>
internal sealed class ListReader(NodeLink link, Action<Action> post, TimeSpan refresh)
{
    /// <summary>A connection that is silent for so long is given up: it may be dead without having said so.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private DateTimeOffset _due;
    private int _question;
    private (ListState List, int Limit)? _next;

    /// <summary>Since when an answer is waited for; null if none is.</summary>
    internal DateTimeOffset? Asked { get; private set; }

    /// <summary>Asks now; if an answer is waited for, then once that has come, and instead of it.</summary>
    /// <param name="list">The list.</param>
    /// <param name="limit">Rows that there is room for.</param>
    internal void Ask(ListState list, int limit)
    {
        if (Asked is not null)
        {
            _next = (list, limit);
            return;
        }
        if (!link.State.IsConnected)
            return;
        Asked = DateTimeOffset.UtcNow;
        _ = AskAsync(list, limit, ++_question);
    }

    /// <summary>The connection is a new one: no answer comes to what was asked before.</summary>
    internal void AskAnew(ListState list, int limit)
    {
        Forget();
        Ask(list, limit);
    }

    /// <summary>Asks if it is time to.</summary>
    internal void Tick(ListState list, int limit)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        if (Asked is { } asked && now - asked > Patience)
        {
            Forget();
            link.GiveUp("it does not answer");
        }
        else if (Asked is null && now >= _due)
        {
            Ask(list, limit);
        }
    }

    private void Forget()
    {
        _question++;
        (Asked, _next) = (null, null);
    }

    private async Task AskAsync(ListState list, int limit, int question)
    {
        Action take;
        try
        {
            string node = list.Screen.Operation.Scope == OperationScope.Policy ? "" : list.Node;
            ReadOnlyMemory<byte> body = await link.DoAsync(list.Screen.List, ArgumentWriter.Write(list.Question(limit)), node).ConfigureAwait(false);
            using JsonDocument answer = JsonDocument.Parse(body);
            JsonElement page = answer.RootElement.Clone();
            take = () => Take(list, limit, page);
        }
        catch (Exception failure) when (failure is ManagementException or JsonException)
        {
            take = () => list.Trouble = failure.Message;
        }
        post(() =>
        {
            if (question != _question)
                return;
            (Asked, _due) = (null, DateTimeOffset.UtcNow + refresh);
            if (_next is not { } next)
            {
                take();
                return;
            }
            _next = null;
            Ask(next.List, next.Limit);
        });
    }

    private void Take(ListState list, int limit, JsonElement page)
    {
        try
        {
            if (!list.Take(page, DateTimeOffset.UtcNow))
                Ask(list, limit);
        }
        catch (Exception strange) when (strange is KeyNotFoundException or InvalidOperationException)
        {
            list.Trouble = "the node is of another version, and answers in a way that this program does not understand";
        }
    }
}
