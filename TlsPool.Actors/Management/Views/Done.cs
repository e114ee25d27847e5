namespace TlsPool.Actors.Management.Views;

/// <summary>Something was changed.</summary>
/// <param name="Node">The node where.</param>
/// <param name="Text">What was done, in a sentence for people.</param>
/// <param name="Warnings">What they should know about it.</param>
public sealed record Done(string Node, string Text, IReadOnlyList<string> Warnings);
