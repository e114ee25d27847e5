namespace TlsPool.Actors.Sessions;

/// <summary>What a renewal may not change.</summary>
/// <param name="Identity">The local identity, as it is stored, whose credentials are shown; null where the request names one.</param>
/// <param name="RemoteId">Who the peer has to remain; null where the application takes what comes.</param>
internal sealed record RenewalRules(string? Identity, string? RemoteId);
