namespace TlsPool.Actors.Management.Views;

/// <summary>A token.</summary>
/// <param name="Node">The node that has it.</param>
/// <param name="Token">Its URI (RFC 7512), without a PIN.</param>
/// <param name="Module">The PKCS #11 module; empty for the built-in key store.</param>
/// <param name="State">ready, searching, awaiting-pin, blocked or logged-out.</param>
/// <param name="Reason">Why it is not ready, and what to do; empty if it is.</param>
/// <param name="Waiting">Signatures that wait for it.</param>
/// <param name="Signatures">Signatures made since the daemon started.</param>
public sealed record TokenView(string Node, string Token, string Module, string State, string Reason, int Waiting, long Signatures);
