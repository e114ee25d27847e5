using System.Collections;
using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;

namespace TlsPool.Cli.Manual;

/// <summary>How commands, options and arguments are written down.</summary>
internal static class CommandSyntax
{
    /// <summary>What is typed for a command: its words, what it takes, what it needs.</summary>
    internal static string Of(Command command, string words)
    {
        var parts = new List<string> { RoffText.Bold(words) };
        parts.AddRange(command.Arguments.Where(argument => !argument.Hidden).Select(Of));
        Option[] options = [.. Options(command)];
        parts.AddRange(options.Where(option => option.Required).Select(option => $"{RoffText.Bold(option.Name)} {Value(option)}"));
        if (options.Any(option => !option.Required))
            parts.Add($"[{RoffText.Italic("options")}]");
        return string.Join(' ', parts);
    }

    /// <summary>The options that people are told of, as they are listed in <c>--help</c>.</summary>
    internal static IEnumerable<Option> Options(Command command) => command.Options.Where(option => !option.Hidden);

    /// <summary>The commands below one that people are told of.</summary>
    internal static IEnumerable<Command> Verbs(Command command) => command.Subcommands.Where(verb => !verb.Hidden);

    /// <summary>Writes down arguments and options with what they are for.</summary>
    internal static void Describe(RoffPage page, Command command)
    {
        foreach (Argument argument in command.Arguments.Where(argument => !argument.Hidden))
            page.Tagged(RoffText.Italic(NameOf(argument)), Sentence(argument.Description, argument.HasDefaultValue ? argument.GetDefaultValue() : null));
        foreach (Option option in Options(command))
        {
            string names = string.Join(", ", new[] { option.Name }.Concat(option.Aliases.Where(alias => alias[0] == '-')).Distinct().Select(RoffText.Bold));
            page.Tagged($"{names} {Value(option)}".TrimEnd(), Sentence(option.Description, option.HasDefaultValue ? option.GetDefaultValue() : null));
        }
    }

    private static string Of(Argument argument)
    {
        string name = RoffText.Italic(NameOf(argument)) + (argument.Arity.MaximumNumberOfValues > 1 ? " ..." : "");
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string NameOf(Argument argument) => argument.HelpName ?? argument.Name;

    private static string Value(Option option)
    {
        if (option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool))
            return "";
        if (option.HelpName is { } name)
            return RoffText.Italic(name);
        string[] allowed = [.. option.GetCompletions(CompletionContext.Empty).Select(one => one.Label)];
        // A long list may be broken behind each bar.
        return allowed.Length > 0 ? string.Join("|\\:", allowed.Select(RoffText.Bold)) : RoffText.Italic(option.Name.TrimStart('-'));
    }

    private static string Sentence(string? description, object? value)
    {
        string text = RoffText.Plain(description ?? "");
        return value is null or bool or "" or ICollection
            ? text
            : text + RoffText.Plain(string.Create(CultureInfo.InvariantCulture, $" (default: {(value is Enum ? value.ToString()!.ToLowerInvariant() : value)})"));
    }
}
