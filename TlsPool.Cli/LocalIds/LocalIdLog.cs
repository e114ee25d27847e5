using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Cli.LocalIds;

/// <summary>One line on standard output per question and answer: text for people, or JSON.</summary>
internal sealed class LocalIdLog(bool json, bool quiet)
{
    /// <summary>Everything is ready for questions.</summary>
    internal void Waiting(string pool)
    {
        if (json)
            Console.WriteLine(Json.Line(new { Event = "waiting", Pool = pool }));
        else if (!quiet)
            Console.WriteLine($"choosing local identities for {pool}");
    }

    /// <summary>A session is to be decided about.</summary>
    internal void Question(LocalIdTurn turn)
    {
        if (json)
            Console.WriteLine(Json.Line(new { Event = "question", turn.RemoteId, turn.Suggestion, turn.Stored, turn.Selectors }));
    }

    /// <summary>What was decided.</summary>
    internal void Answer(LocalIdTurn turn, LocalIdChoice? choice)
    {
        string? remembered = choice is not null && (choice.Flags & (LidEntryFlags.DbInsert | LidEntryFlags.DbAppend)) != 0
            ? turn.Selectors[choice.Levels]
            : null;
        if (json)
        {
            Console.WriteLine(Json.Line(new
            {
                Event = "answer",
                turn.RemoteId,
                Refused = choice is null,
                LocalId = choice?.LocalId ?? "",
                Remember = remembered,
                New = choice?.Flags.HasFlag(LidEntryFlags.New) ?? false,
                OnTheFly = choice?.Flags.HasFlag(LidEntryFlags.OnTheFly) ?? false,
            }));
        }
        else if (!quiet)
        {
            Console.WriteLine(TerminalText.Printable(
                $"{(turn.RemoteId.Length == 0 ? "-" : turn.RemoteId)}: {(choice is null ? "refused" : choice.LocalId.Length == 0 ? "nobody" : choice.LocalId)}"));
        }
    }

    /// <summary>A question came to nothing.</summary>
    internal void Lost(string reason)
    {
        if (json)
            Console.WriteLine(Json.Line(new { Event = "lost", Reason = reason }));
    }
}
