using Akka.Actor;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.LocalIds;

/// <summary>Messages to and from the <see cref="LocalIdActor"/>. None has a descriptor or a secret: they may go to another host.</summary>
public static class LocalIdProtocol
{
    /// <summary>A program offers to choose. Answered by <see cref="RegistrationAnswered"/>; <see cref="RegistrationEnded"/> may follow.</summary>
    /// <param name="Flags">WANT_DBENTRY and SKIP_ flags.</param>
    /// <param name="Timeout">Seconds that the program may take for an answer; 0 if it names none.</param>
    /// <param name="Program">Who it is.</param>
    /// <param name="Connection">Its connection.</param>
    /// <param name="RequestId">Its request, which stays open.</param>
    public sealed record Register(LidEntryFlags Flags, uint Timeout, PeerCredentials Program, IActorRef Connection, ushort RequestId) : IClusterMessage;

    /// <summary>To a connection: whether a registration was taken.</summary>
    /// <param name="RequestId">The request.</param>
    /// <param name="Fault">Why not; null if it was.</param>
    public sealed record RegistrationAnswered(ushort RequestId, PoolFault? Fault) : IClusterMessage;

    /// <summary>To a connection: a registration that was taken is over.</summary>
    public sealed record RegistrationEnded(ushort RequestId, PoolFault Fault) : IClusterMessage;

    /// <summary>
    /// A session wants to know whom to be. Answered to its sender, who is watched, by <see cref="NobodyAsked"/>, <see cref="Chosen"/> or
    /// <see cref="NotChosen"/>.
    /// </summary>
    /// <param name="RemoteId">The remote identity; empty if the application names none.</param>
    /// <param name="Suggestion">Whom the session would be if nobody were asked; empty for nobody.</param>
    /// <param name="MaxLevels">Levels by which the answer may generalise the remote identity.</param>
    /// <param name="Stored">Matching entries of the disclosure database, those of the selector that decides first.</param>
    public sealed record Choose(string RemoteId, string Suggestion, ushort MaxLevels, IReadOnlyList<StoredChoice> Stored) : IClusterMessage
    {
        /// <summary>True if what is stored cannot be used, so that it is no reason not to ask.</summary>
        public bool IsStuck { get; init; }
    }

    /// <summary>Nobody is there to be asked, or the stored entry is good enough: the disclosure database decides.</summary>
    public sealed record NobodyAsked : IClusterMessage
    {
        /// <summary>The one instance.</summary>
        public static NobodyAsked Instance { get; } = new();
    }

    /// <summary>The answer of the program.</summary>
    /// <param name="Answer">As it came: nothing of it is checked yet.</param>
    /// <param name="Program">Who chose.</param>
    public sealed record Chosen(LidEntryMessage Answer, PeerCredentials Program) : IClusterMessage
    {
        /// <summary>Node whose process the program is; empty for this host.</summary>
        public string Node { get; init; } = "";
    }

    /// <summary>The program refused, answered nonsense, went away or took too long.</summary>
    /// <param name="Reason">What happened, for people.</param>
    /// <param name="Program">Who was asked; null if it did not come to that.</param>
    public sealed record NotChosen(string Reason, PeerCredentials? Program) : IClusterMessage;

    /// <summary>To the <see cref="LocalIdActor"/>: another one takes its place, and it ends once all who wait have been told.</summary>
    internal sealed record Cease
    {
        internal static Cease Instance { get; } = new();
    }

    /// <summary>To whom stands for a connection of another node: ask its program. Answered by <see cref="Answered"/> or <see cref="Unanswered"/>.</summary>
    /// <param name="RequestId">Its registration.</param>
    /// <param name="Body">What to ask.</param>
    internal sealed record Question(ushort RequestId, LidEntryMessage Body) : IClusterMessage;

    /// <summary>The answer of a program at another node.</summary>
    internal sealed record Answered(LidEntryMessage Body) : IClusterMessage;

    /// <summary>A program at another node refused, answered nonsense or is gone.</summary>
    internal sealed record Unanswered(PoolFault Fault) : IClusterMessage;
}
