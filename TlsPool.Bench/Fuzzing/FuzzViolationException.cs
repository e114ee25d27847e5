using System.Diagnostics.CodeAnalysis;

namespace TlsPool.Bench.Fuzzing;

/// <summary>An input made a target break one of its rules.</summary>
internal sealed class FuzzViolationException(string rule) : Exception(rule)
{
    /// <summary>Throws unless a rule holds.</summary>
    internal static void Unless([DoesNotReturnIf(false)] bool holds, string rule)
    {
        if (!holds)
            throw new FuzzViolationException(rule);
    }

    /// <summary>Throws unless a text can go to a log line or a terminal.</summary>
    internal static void UnlessPrintable(string text, string what) =>
        Unless(!text.Any(char.IsControl), $"{what} has control characters in it");
}
