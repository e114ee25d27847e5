using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// Binds a renegotiation to the handshake before it (RFC 5746). BouncyCastle knows first handshakes only: it is shown an empty extension once
/// the real one has been checked; the transcript keeps the bytes as they came.
/// </summary>
internal sealed class RenegotiationInfo
{
    private static readonly byte[] Empty = [0];

    private readonly byte[] _client;
    private readonly byte[] _both;

    private RenegotiationInfo(SessionSecrets12 before)
    {
        ReadOnlySpan<byte> client = before.ClientVerifyData.Span, server = before.ServerVerifyData.Span;
        _client = [(byte)client.Length, .. client];
        _both = [(byte)(client.Length + server.Length), .. client, .. server];
    }

    /// <summary>The binding of a request; null for a first handshake.</summary>
    internal static RenegotiationInfo? Of(HandshakeRequest request) =>
        request.Renews is SessionSecrets12 before ? new RenegotiationInfo(before) : null;

    /// <summary>True if a renegotiation of a session would be secure: TLS 1.2 with RFC 5746 and RFC 7627.</summary>
    internal static bool MayFollow(TlsContext context) =>
        !TlsUtilities.IsTlsV13(context) && context.SecurityParameters is { IsSecureRenegotiation: true, IsExtendedMasterSecret: true };

    /// <summary>Checks that an anonymous session can be renegotiated, which has to follow.</summary>
    /// <exception cref="TlsFatalAlert">It would stay anonymous.</exception>
    internal static void CheckPrecursor(HandshakeRun run, TlsContext context)
    {
        SecurityParameters security = context.SecurityParameters;
        if (EngineProfile.IsAnonymous(security.CipherSuite) && !(MayFollow(context) && security.IsEncryptThenMac))
            throw run.Refuse(AlertCode.HandshakeFailure, "the peer stays anonymous: it lacks what a secure renegotiation needs");
    }

    /// <summary>A renewal stays in its version, and neither issues nor keeps sessions.</summary>
    internal static HandshakeSettings Settings(HandshakeSettings settings) =>
        settings with { MinVersion = TlsVersion.Tls12, MaxVersion = TlsVersion.Tls12, Tickets = null, ClientSessions = null };

    /// <exception cref="ArgumentException">The session to renew is none of TLS 1.2.</exception>
    internal static HandshakeRequest Checked(HandshakeRequest request) =>
        request.Renews is SessionSecrets12
            ? request with { ResumptionScope = null }
            : throw new ArgumentException("only TLS 1.2 is renegotiated", nameof(request));

    /// <summary>Adds what the client says.</summary>
    internal void AddToClientHello(IDictionary<int, byte[]> extensions) => extensions[ExtensionType.renegotiation_info] = _client;

    /// <summary>Adds what the server says.</summary>
    internal void AddToServerHello(IDictionary<int, byte[]> extensions) => extensions[ExtensionType.renegotiation_info] = _both;

    /// <summary>Checks what the client said.</summary>
    /// <exception cref="TlsFatalAlert">It does not continue this session (RFC 5746 section 3.7).</exception>
    internal void Check(HandshakeRun run, ClientHello hello)
    {
        if (hello.CipherSuites.Contains(CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV))
            throw run.Refuse(AlertCode.HandshakeFailure, "the peer renegotiates as if it had not spoken before");
        Check(run, hello.Extensions, _client);
    }

    /// <summary>Checks what the server said.</summary>
    /// <exception cref="TlsFatalAlert">It does not continue this session (RFC 5746 section 3.5).</exception>
    internal void Check(HandshakeRun run, ServerHello hello) => Check(run, hello.Extensions, _both);

    private static void Check(HandshakeRun run, IDictionary<int, byte[]>? extensions, byte[] expected)
    {
        if (extensions is null
            || !extensions.TryGetValue(ExtensionType.renegotiation_info, out byte[]? said)
            || !CryptographicOperations.FixedTimeEquals(said, expected))
        {
            throw run.Refuse(AlertCode.HandshakeFailure, "the renegotiation does not continue this session (RFC 5746)");
        }
        extensions[ExtensionType.renegotiation_info] = Empty;
    }
}
