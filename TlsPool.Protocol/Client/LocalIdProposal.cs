namespace TlsPool.Protocol.Client;

/// <summary>A local identity that the pool would use (<c>PIOC_STARTTLS_LOCALID_V2</c>).</summary>
/// <param name="LocalId">The candidate.</param>
/// <param name="RemoteId">The other side, as far as known.</param>
/// <param name="Service">Service name of the request.</param>
public sealed record LocalIdProposal(string LocalId, string RemoteId, string Service);
