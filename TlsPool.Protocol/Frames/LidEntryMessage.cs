namespace TlsPool.Protocol.Frames;

/// <summary><c>struct pioc_lidentry</c>.</summary>
/// <param name="Flags">Field <c>flags</c>.</param>
/// <param name="MaxLevels">Field <c>maxlevels</c>: levels of generalisation.</param>
/// <param name="Timeout">Field <c>timeout</c> in seconds.</param>
/// <param name="LocalId">Field <c>localid</c>, at most 127 bytes.</param>
/// <param name="RemoteId">Field <c>remoteid</c>, at most 127 bytes: a selector where generalised.</param>
public sealed record LidEntryMessage(LidEntryFlags Flags, ushort MaxLevels, uint Timeout, string LocalId, string RemoteId) : Message;
