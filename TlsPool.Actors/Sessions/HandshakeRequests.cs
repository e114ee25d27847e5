using System.Net;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Sessions;

/// <summary>Translates between what an application asked and what the engine is told.</summary>
internal static class HandshakeRequests
{
    /// <summary>The engine's orders for a request.</summary>
    internal static HandshakeRequest For(SessionRequest request, SafeDescriptor ciphertext, bool precursor = false)
    {
        return new HandshakeRequest(
            request.Role,
            request.PeerAuthentication,
            ServerName(request),
            ApplicationProtocols.For(request.Message.Service),
            request.Peer == PeerPart.Either ? null : ResumptionScope(request, ciphertext))
        {
            Precursor = precursor && PrecursorServices.Allows(request.Message.Service, request.Role),
            // Where the application wants to be asked first, it may be gone by then.
            MayAuthenticateLater = request.Role == TlsRole.Client && request.Message.LocalId.Length > 0 && !request.CheckLocalId,
        };
    }

    /// <summary>The engine's orders for a renegotiation.</summary>
    internal static HandshakeRequest ForRenewal(SessionRequest request, SessionSecrets secrets) =>
        new(request.Role, request.PeerAuthentication, ServerName(request), ApplicationProtocols.For(request.Message.Service), ResumptionScope: null)
        {
            Renews = secrets,
        };

    /// <summary>The local identity that was proven to the peer; empty if none was.</summary>
    internal static string LocalId(SessionRequest request, HandshakeOutcome outcome)
    {
        string shown = outcome.Credential?.Identity ?? "";
        if (request.Role == TlsRole.Client)
            return shown;
        if (shown.Length == 0)
            shown = request.Message.LocalId;
        // Where the client's wish chose, a wildcard certificate may have spoken for it that belongs to an identity of another name.
        bool clientChose = request.Message.LocalId.Length == 0 && !request.CheckLocalId;
        return outcome.ServerName is { } name && (clientChose || shown.Length == 0) ? name : shown;
    }

    private static string? ServerName(SessionRequest request) =>
        request.Role == TlsRole.Client && !request.Message.Flags.HasFlag(StartTlsFlags.WithoutSni) ? DomainOf(request.Message.RemoteId) : null;

    // RFC 6066 section 3: a name in A-labels, and never an address.
    private static string? DomainOf(string doNai) =>
        IPAddress.TryParse(doNai, out _) || !DoNai.TryParse(doNai, out DoNai? identity) ? null : identity.Domain;

    /// <summary>Sessions are resumed only between requests that would have been judged alike (RFC 8446 section 4.2.11, appendix C.4).</summary>
    private static string? ResumptionScope(SessionRequest request, SafeDescriptor ciphertext)
    {
        StartTlsMessage message = request.Message;
        // A resumed session shows no credential, so there would be nothing to check.
        if (message.Flags.HasFlag(StartTlsFlags.IgnoreCaches) || request.CheckLocalId)
            return null;
        string common = $"{message.LocalId}\n{message.Service}\n{request.PeerAuthentication}\n{message.RemoteId}";
        if (request.Role == TlsRole.Server)
            return common;
        string? peer = SocketKind.PeerAddress(ciphertext);
        return peer is null && message.RemoteId.Length == 0 ? null : $"{common}\n{peer}\n{request.Application.UserId}";
    }
}
