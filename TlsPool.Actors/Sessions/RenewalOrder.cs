using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Sessions;

/// <summary>A STARTTLS request with RENEGOTIATE (behaviour.md, "STARTTLS", flags). The session's role and service stay as they are.</summary>
/// <param name="RequestId">The application's request id.</param>
/// <param name="Application">Who asks.</param>
/// <param name="PeerAuthentication">What is asked of the peer.</param>
/// <param name="Message">The request as it came.</param>
public sealed record RenewalOrder(ushort RequestId, PeerCredentials Application, PeerAuthentication PeerAuthentication, StartTlsMessage Message)
{
    /// <summary>Where the application came in.</summary>
    public ApplicationOrigin Origin { get; init; } = ApplicationOrigin.Unknown;

    /// <summary>True if the application wants to see each candidate local identity.</summary>
    public bool CheckLocalId => Message.Flags.HasFlag(StartTlsFlags.LocalIdCheck);

    /// <summary>The session's request as it would read with these wishes. What is not named stays as it is.</summary>
    /// <param name="current">The request that the session came from, with the identities that it has.</param>
    internal SessionRequest ApplyTo(SessionRequest current)
    {
        // A client goes on knowing whom it talks to; a server may be curious only now.
        bool staysKnown = current.Role == TlsRole.Client && current.Message.RemoteId.Length > 0;
        string remoteId = Message.RemoteId.Length > 0 ? Message.RemoteId : staysKnown ? current.Message.RemoteId : "";
        string localId = Message.LocalId.Length > 0 ? Message.LocalId : current.Message.LocalId;
        return current with
        {
            RequestId = RequestId,
            Application = Application,
            Origin = Origin,
            PeerAuthentication = staysKnown ? PeerAuthentication.Demand : PeerAuthentication,
            Message = Message with
            {
                // What was made for a moment is made again: nothing else has a credential for it.
                Flags = Message.Flags | (current.Message.Flags & StartTlsFlags.LocalIdOnTheFly),
                LocalId = localId,
                RemoteId = remoteId,
                Service = current.Message.Service,
            },
        };
    }
}
