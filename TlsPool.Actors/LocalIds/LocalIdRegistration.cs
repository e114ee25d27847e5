using Akka.Actor;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.LocalIds;

/// <summary>The program that chooses local identities. Immutable.</summary>
/// <param name="Connection">Its connection.</param>
/// <param name="RequestId">Its open request.</param>
/// <param name="Flags">WANT_DBENTRY and SKIP_ flags.</param>
/// <param name="Timeout">For how long it keeps others out once it is asked; zero if it does not.</param>
/// <param name="Program">Who it is.</param>
internal sealed record LocalIdRegistration(IActorRef Connection, ushort RequestId, LidEntryFlags Flags, TimeSpan Timeout, PeerCredentials Program)
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);
    private static readonly TimeSpan DefaultAnswerLimit = TimeSpan.FromMinutes(1);

    /// <summary>How long an answer is waited for: nothing in the pool waits for ever.</summary>
    internal TimeSpan AnswerLimit => Timeout == TimeSpan.Zero ? DefaultAnswerLimit : Timeout;

    /// <summary>Node whose process the program is; empty for this host.</summary>
    internal string Node { get; init; } = "";

    /// <summary>A registration as it is asked for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="node">Node that it comes from; empty for this host.</param>
    internal static LocalIdRegistration Of(LocalIdProtocol.Register request, string node)
    {
        var timeout = TimeSpan.FromSeconds(request.Timeout);
        return new LocalIdRegistration(
            request.Connection,
            request.RequestId,
            request.Flags & LidEntryFlags.RegistrationMask,
            timeout < LongestTimeout ? timeout : LongestTimeout,
            request.Program)
        {
            Node = node,
        };
    }
}
