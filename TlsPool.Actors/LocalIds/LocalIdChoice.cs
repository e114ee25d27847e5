using TlsPool.Actors.Disclosure;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.LocalIds;

/// <summary>What a program answered to the question whom to be, read and checked. Immutable.</summary>
/// <param name="LocalId">The local identity; empty for nobody.</param>
/// <param name="OnTheFly">True if its certificate is to be made for the moment.</param>
/// <param name="IsNew">True if it is on its way into the database, and waited for.</param>
/// <param name="Storage">What to store once the handshake has succeeded; null for nothing.</param>
internal sealed record LocalIdChoice(string LocalId, bool OnTheFly, bool IsNew, DisclosureChange? Storage)
{
    private const LidEntryFlags Storing = LidEntryFlags.DbInsert | LidEntryFlags.DbAppend | LidEntryFlags.DbReorder;

    /// <summary>Reads an answer.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="fault">What is wrong with it, if the result is null.</param>
    internal static LocalIdChoice? TryRead(LocalIdProtocol.Choose question, LidEntryMessage answer, out string? fault)
    {
        DoNai? localId = null;
        fault = answer.LocalId.Length > 0 && !DoNai.TryParse(answer.LocalId, out localId) ? $"'{answer.LocalId}' is no identity" : null;
        if (fault is not null || ReadRemote(question, answer, out Selector? remote, out fault) is false)
            return null;
        DisclosureChange? storage = null;
        if ((answer.Flags & Storing) != 0)
        {
            if (remote is null)
            {
                fault = "the application does not say who the other side is, so that nothing can be stored for it";
                return null;
            }
            bool inserts = answer.Flags.HasFlag(LidEntryFlags.DbInsert), appends = answer.Flags.HasFlag(LidEntryFlags.DbAppend);
            storage = new DisclosureChange(
                remote,
                localId is null ? Disclosed.Nobody : Disclosed.Of(localId),
                AtFront: inserts || !appends,
                Adds: inserts || appends,
                Moves: answer.Flags.HasFlag(LidEntryFlags.DbReorder));
        }
        return new LocalIdChoice(
            localId?.ToString() ?? "",
            localId is not null && answer.Flags.HasFlag(LidEntryFlags.OnTheFly),
            localId is not null && answer.Flags.HasFlag(LidEntryFlags.New),
            storage);
    }

    // The answer's remoteid is what counts; its maxlevels may be an echo of the question's.
    private static bool ReadRemote(LocalIdProtocol.Choose question, LidEntryMessage answer, out Selector? selector, out string? fault)
    {
        (selector, fault) = (null, null);
        bool isNamed = DoNai.TryParse(question.RemoteId, out DoNai? remote);
        if (answer.RemoteId.Length == 0 || answer.RemoteId == question.RemoteId)
        {
            selector = isNamed ? Selector.Of(remote!) : null;
            return true;
        }
        if (!isNamed || !Selector.TryParse(answer.RemoteId, out selector) || selector.LevelsAbove(remote!) is not (>= 0 and var level))
            fault = $"'{answer.RemoteId}' does not stand for {(isNamed ? question.RemoteId : "a remote identity that is not named")}";
        else if (level > question.MaxLevels)
            fault = $"{answer.RemoteId} is {level} levels up from {question.RemoteId}, and {question.MaxLevels} may be";
        return fault is null;
    }
}
