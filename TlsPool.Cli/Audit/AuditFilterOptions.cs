using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Hosting;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Audit;

/// <summary>Options that say which decisions a command shows.</summary>
internal sealed class AuditFilterOptions
{
    private const string TimeForms = "a time such as 2026-01-31T12:00:00Z, or so long ago: 90s, 15m, 2h, 7d";

    private readonly Option<string?> _since = new("--since") { Description = $"not before {TimeForms}", HelpName = "time" };
    private readonly Option<string?> _until = new("--until") { Description = "before this time", HelpName = "time" };

    private readonly Option<string[]> _kinds = new("--kind")
    {
        Description = $"of these kinds: {string.Join(", ", AuditKindNames.All)}",
        HelpName = "kind",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _user = new("--uid") { Description = "for this user, by name or number", HelpName = "user" };
    private readonly Option<string?> _identity = new("--identity") { Description = "with this local or remote identity", HelpName = "identity" };
    private readonly Option<string?> _decision = new Option<string?>("--decision") { Description = "allowed or refused" }.AcceptOnlyFromAmong("allowed", "refused");
    private readonly Option<long?> _session = new("--session") { Description = "about this session, by its number in the log", HelpName = "number" };

    internal AuditFilterOptions AddTo(Command command)
    {
        foreach (Option option in new Option[] { _since, _until, _kinds, _user, _identity, _decision, _session })
            command.Options.Add(option);
        return this;
    }

    /// <exception cref="CommandException">A value is none.</exception>
    internal AuditFilter Read(ParseResult result, DateTimeOffset now) => new()
    {
        Since = result.GetValue(_since) is { } since ? Time(since, now) : null,
        Until = result.GetValue(_until) is { } until ? Time(until, now) : null,
        Kinds = [.. (result.GetValue(_kinds) ?? []).Select(AuditKindNames.Read)],
        UserId = result.GetValue(_user) is { } user ? Accounts.User(user).User : null,
        Identity = result.GetValue(_identity),
        Allowed = result.GetValue(_decision) is { } decision ? decision == "allowed" : null,
        Session = result.GetValue(_session),
    };

    private static DateTimeOffset Time(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            TimeSpan? ago = text[^1] switch
            {
                's' => TimeSpan.FromSeconds(count),
                'm' => TimeSpan.FromMinutes(count),
                'h' => TimeSpan.FromHours(count),
                'd' => TimeSpan.FromDays(Math.Min(count, 36_500)),
                _ => null,
            };
            if (ago is { } span)
                return now - span;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw new CommandException($"'{TerminalText.Printable(text)}' is no time: give {TimeForms}");
    }
}
