using System.Globalization;
using TlsPool.Protocol.Client;

namespace TlsPool.Cli.Pins;

/// <summary>What is said about a token that wants its PIN. Tokens choose their texts: nothing in them may steer a terminal or hide something.</summary>
internal static class PinText
{
    /// <summary>Most bytes of a PIN that the protocol carries.</summary>
    internal const int LongestPin = 127;

    /// <summary>The token in one line: label, manufacturer, model, serial number.</summary>
    internal static string Token(PinPrompt prompt) => TerminalText.Printable(
        $"token \"{prompt.TokenLabel}\" ({prompt.TokenManufacturer}, {prompt.TokenModel}, serial {prompt.TokenSerial})");

    /// <summary>The attempt, for people: they count from one.</summary>
    internal static string Attempt(PinPrompt prompt) => string.Create(CultureInfo.InvariantCulture, $"attempt {prompt.Attempt + 1L}");

    /// <summary>The question in one line.</summary>
    internal static string Question(PinPrompt prompt) => $"{TerminalText.Printable(prompt.Prompt)}, {Token(prompt)}, {Attempt(prompt)}";
}
