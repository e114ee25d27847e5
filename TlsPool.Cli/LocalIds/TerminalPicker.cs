using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TlsPool.Cli.Pins;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.LocalIds;

/// <summary>A person at the terminal, with a menu.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="offered">Identities beside those that are stored and suggested.</param>
internal sealed partial class TerminalPicker(Terminal terminal, IReadOnlyList<string> offered) : ILocalIdPicker
{
    private const string Help = """
          a number          that identity
          an identity       user@domain or domain, which the pool must have
          new IDENTITY      one that is being added to the pool: the session waits for it
          fly IDENTITY      one whose certificate is made for the moment
          n                 nobody: no identity is shown
          r                 refuse the session

        """;

    public async ValueTask<LocalIdChoice?> PickAsync(LocalIdTurn turn, CancellationToken cancellation) =>
        // Waits for a person: not on a thread that others need.
        await Task.Factory.StartNew(
            () => Pick(turn, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);

    public void Say(string text) => terminal.Write($"tlspool: {text}\n");

    private LocalIdChoice? Pick(LocalIdTurn turn, CancellationToken cancellation)
    {
        IReadOnlyList<string> candidates = turn.Candidates(offered);
        terminal.Write(Menu(turn, candidates));
        while (true)
        {
            string? answer = terminal.ReadLine("Number, identity, n(obody), r(efuse) or ? for more: ", cancellation)?.Trim();
            switch (answer)
            {
                case null or "r" or "R":
                    return null;
                case "?":
                    terminal.Write(Help);
                    break;
                case "":
                    break;
                default:
                    if (Read(answer, candidates) is { } choice)
                        return Remember(turn, choice, cancellation);
                    terminal.Write($"'{TerminalText.Printable(answer)}' is neither in the list nor an identity.\n");
                    break;
            }
        }
    }

    private static string Menu(LocalIdTurn turn, IReadOnlyList<string> candidates)
    {
        string remote = turn.RemoteId.Length == 0 ? "somebody the application does not name" : TerminalText.Printable(turn.RemoteId);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"\nWhom is a client to be for {remote}?\n");
        for (int i = 0; i < candidates.Count; i++)
        {
            string name = candidates[i].Length == 0 ? "(nobody)" : TerminalText.Printable(candidates[i]);
            IEnumerable<string> where = turn.Stored
                .Where(entry => string.Equals(entry.LocalId, candidates[i], StringComparison.OrdinalIgnoreCase))
                .Select(entry => string.Create(CultureInfo.InvariantCulture, $"stored for {TerminalText.Printable(entry.Remote)} ({Levels(entry.Level)})"));
            if (candidates[i].Length > 0 && string.Equals(turn.Suggestion, candidates[i], StringComparison.OrdinalIgnoreCase))
                where = where.Append("suggested");
            text.Append(string.Create(CultureInfo.InvariantCulture, $"{i + 1,4}  {name,-32} {string.Join(", ", where)}").TrimEnd()).Append('\n');
        }
        return text.ToString();
    }

    private static string Levels(int level) => level switch
    {
        0 => "itself",
        1 => "1 level up",
        _ => string.Create(CultureInfo.InvariantCulture, $"{level} levels up"),
    };

    private static LocalIdChoice? Read(string answer, IReadOnlyList<string> candidates)
    {
        if (answer is "n" or "N")
            return new LocalIdChoice("");
        if (int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number >= 1 && number <= candidates.Count ? new LocalIdChoice(candidates[number - 1]) : null;
        Match words = Words().Match(answer);
        LidEntryFlags flags = words.Groups["how"].Value switch
        {
            "new" => LidEntryFlags.New,
            "fly" => LidEntryFlags.OnTheFly,
            _ => LidEntryFlags.None,
        };
        return DoNai.TryParse(words.Groups["who"].Value, out DoNai? identity) ? new LocalIdChoice(identity.ToString(), flags) : null;
    }

    /// <summary>Asks whether, and for whom, the choice is stored.</summary>
    private LocalIdChoice Remember(LocalIdTurn turn, LocalIdChoice choice, CancellationToken cancellation)
    {
        if (turn.Selectors.Count == 0)
            return choice;
        var text = new StringBuilder("Remember it if this session succeeds?\n");
        for (int i = 0; i < turn.Selectors.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"{i + 1,4}  for {TerminalText.Printable(turn.Selectors[i])}\n");
        terminal.Write(text.ToString());
        while (true)
        {
            string answer = terminal.ReadLine("Number, with l to put it last and not first; nothing for only this time: ", cancellation)?.Trim() ?? "";
            if (answer.Length == 0)
                return choice;
            Match place = Place().Match(answer);
            if (place.Success && int.TryParse(place.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number >= 1 && number <= turn.Selectors.Count)
            {
                LidEntryFlags where = place.Groups["last"].Success ? LidEntryFlags.DbAppend : LidEntryFlags.DbInsert;
                return choice with { Flags = choice.Flags | where | LidEntryFlags.DbReorder, Levels = (ushort)(number - 1) };
            }
            terminal.Write($"'{TerminalText.Printable(answer)}' is not in the list.\n");
        }
    }

    [GeneratedRegex(@"^((?<how>new|fly)\s+)?(?<who>\S+)$")]
    private static partial Regex Words();

    [GeneratedRegex(@"^(?<number>[0-9]+)\s*(?<last>l)?$", RegexOptions.IgnoreCase)]
    private static partial Regex Place();
}
