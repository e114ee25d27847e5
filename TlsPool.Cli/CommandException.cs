namespace TlsPool.Cli;

/// <summary>A command cannot do what it was asked for. The message says why, and what to do.</summary>
internal sealed class CommandException(string message) : Exception(message);
