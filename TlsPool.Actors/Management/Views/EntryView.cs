namespace TlsPool.Actors.Management.Views;

/// <summary>A PIN that is waited for, or a program that serves people.</summary>
/// <param name="Node">The node that has it.</param>
/// <param name="Kind">pin-request, pin-program or localid-program.</param>
/// <param name="Name">The token's label, or the program.</param>
/// <param name="State">waiting or asked for a request; offering, asked or choosing for a program.</param>
/// <param name="Detail">What the person is told, or whom the program serves.</param>
/// <param name="Uid">User of the program; null for a request.</param>
/// <param name="Pid">Process of the program; null for a request.</param>
public sealed record EntryView(string Node, string Kind, string Name, string State, string Detail, uint? Uid, int? Pid);
