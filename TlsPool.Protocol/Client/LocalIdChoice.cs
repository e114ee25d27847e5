using TlsPool.Protocol.Frames;

namespace TlsPool.Protocol.Client;

/// <summary>Answer to a <see cref="LocalIdQuestion"/>.</summary>
/// <param name="LocalId">The identity to use, at most 127 bytes; empty to show none.</param>
/// <param name="Flags">Whether and how to store it, and whether it is new or made on the fly.</param>
/// <param name="Levels">If stored: levels by which <paramref name="RemoteId"/> is generalised, 0 to the question's limit.</param>
/// <param name="RemoteId">If stored: for whom; null for the remote identity of the question, generalised by <paramref name="Levels"/>.</param>
public sealed record LocalIdChoice(string LocalId, LidEntryFlags Flags = LidEntryFlags.None, ushort Levels = 0, string? RemoteId = null);
