namespace TlsPool.Actors.Management.Views;

/// <summary>A line of the log.</summary>
/// <param name="Node">The node that wrote it.</param>
/// <param name="Number">Its number there: later lines have higher ones; they begin again with each start.</param>
/// <param name="Time">When it was written.</param>
/// <param name="Level">debug, info, warning, error or critical.</param>
/// <param name="Facility">Part of the daemon that wrote it.</param>
/// <param name="Text">What happened.</param>
public sealed record LogView(string Node, long Number, DateTimeOffset Time, string Level, string Facility, string Text);
