using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.LocalIds;

/// <summary>How far a stored choice is from the remote identity at hand, and what follows from that (behaviour.md, "LIDENTRY").</summary>
internal static class LocalIdLevels
{
    private const LidEntryFlags SameUser = (LidEntryFlags)0x01;
    private const LidEntryFlags DomainField = (LidEntryFlags)0x06;
    private const LidEntryFlags NotRoot = (LidEntryFlags)0x08;
    private const LidEntryFlags DomainSame = (LidEntryFlags)0x02;
    private const LidEntryFlags DomainOneUp = (LidEntryFlags)0x04;
    private const LidEntryFlags DomainSub = (LidEntryFlags)0x06;

    /// <summary>Labels that have to be left where a person generalises: one answer is no rule for a whole top-level domain.</summary>
    private const int FewestLabels = 2;

    /// <summary>How many levels up an answer may be stored for.</summary>
    internal static ushort MostStored(DoNai remote)
    {
        ushort level = 0;
        while (LabelsLeft(remote, level + 1) >= FewestLabels)
            level++;
        return level;
    }

    /// <summary>Whether a registration wants an entry at this level to be used without a question.</summary>
    /// <param name="flags">The registration's flags.</param>
    /// <param name="remoteId">The remote identity at hand.</param>
    /// <param name="level">How many levels up the entry is.</param>
    internal static bool MaySkip(LidEntryFlags flags, string remoteId, int level)
    {
        if (!flags.HasFlag(LidEntryFlags.SkipDbEntry))
            return false;
        LidEntryFlags conditions = flags & (SameUser | DomainField | NotRoot);
        if (conditions == LidEntryFlags.None)
            return true;
        if (!DoNai.TryParse(remoteId, out DoNai? remote))
            return false;
        int left = LabelsLeft(remote, level);
        int dropped = LabelsLeft(remote, 0) - left;
        bool oneUp = dropped <= 1 && left >= 1;
        return (!conditions.HasFlag(SameUser) || level == 0)
            && (!conditions.HasFlag(NotRoot) || left >= 1)
            && (conditions & DomainField) switch
            {
                DomainSame => dropped == 0,
                DomainOneUp => oneUp,
                DomainSub => oneUp || left >= FewestLabels,
                _ => true,
            };
    }

    /// <summary>Labels of the domain that are left some levels up: the user goes first, then one label after the other.</summary>
    private static int LabelsLeft(DoNai remote, int level)
    {
        int labels = remote.Domain.AsSpan().Count('.') + 1;
        return labels - Math.Max(0, remote.User is null ? level : level - 1);
    }
}
