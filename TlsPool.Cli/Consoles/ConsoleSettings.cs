namespace TlsPool.Cli.Consoles;

/// <summary>What the console was started with.</summary>
/// <param name="Screen">Place of the first screen.</param>
/// <param name="Node">The node whose rows are shown; empty for all.</param>
/// <param name="Refresh">How old what is shown becomes before the node is asked again.</param>
internal sealed record ConsoleSettings(int Screen, string Node, TimeSpan Refresh);
