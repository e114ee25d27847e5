using System.CommandLine;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli;

/// <summary>Selectors on the command line.</summary>
internal static class Selectors
{
    internal static Argument<string> Argument(string description) => new("selector")
    {
        Description = $"{description}: domain, user@domain, @domain (its users), .domain (names below), @.domain, \".\" (any name) or \"@.\" (any user)",
    };

    /// <summary>Reads a selector.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    internal static Selector Read(string text) => Selector.TryParse(text, out Selector? selector)
        ? selector
        : throw new CommandException($"'{text}' is no selector: domain, user@domain, @domain, .domain, @.domain, \".\" and \"@.\" are");

    /// <summary>The key of a selector; of a text that is none, as damaged rules may have it, the text.</summary>
    internal static string Key(string text) => Selector.TryParse(text, out Selector? selector) ? selector.Key : text;
}
