using TlsPool.Actors.Management.Operations;
using TlsPool.Cli.Pins;

namespace TlsPool.Cli.Management;

/// <summary>Asks before something is done that cannot be undone: what it is done to has to be typed once more.</summary>
internal static class Confirmation
{
    /// <summary>Asks at the terminal.</summary>
    /// <exception cref="CommandException">It was not confirmed, or nobody can be asked.</exception>
    internal static void Ask(Operation operation, string what, CancellationToken cancellation)
    {
        using Terminal terminal = Terminal.TryOpen() ?? throw new CommandException("there is no terminal to ask at whether this is meant: say so with --yes");
        string? typed = terminal.ReadLine($"{operation.Summary}.\nType {TerminalText.Printable(what)} once more to do it: ", cancellation);
        if (typed?.Trim() != what)
            throw new CommandException("that is something else: nothing was done");
    }
}
