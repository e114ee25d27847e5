using System.Security.Cryptography;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes.Peers;

/// <summary>
/// Finds out which role this side has, where the other may have either (behaviour.md, "STARTTLS" step 1). Both may begin; whose number is
/// higher drops its ClientHello and serves the other's. Who has not begun when a ClientHello comes serves it, and who gets a ServerHello is
/// the client, so that sides that know nothing of this are understood. Not thread safe: the session's loop drives it.
/// </summary>
/// <remarks>
/// The number that decides is in the ClientHello that counts, and thereby in the transcript: somebody in between can make a handshake fail,
/// not turn its roles.
/// </remarks>
public sealed class PeerNegotiation : IDisposable
{
    private const int ShortestPatience = 250;
    private const int LongestPatience = 750;

    private readonly PeerValue _value;
    private readonly HandshakeMachine? _client;
    private readonly HandshakeMachine? _server;
    private bool _begun;

    private PeerNegotiation(PeerValue value, TimeSpan? patience, HandshakeMachine? client, HandshakeMachine? server) =>
        (_value, Patience, _client, _server) = (value, patience, client, server);

    /// <summary>
    /// How long to wait for the other side before beginning, so that clients that know nothing of peers are served; null for ever. Random:
    /// two peers seldom begin at the same time.
    /// </summary>
    internal TimeSpan? Patience { get; }

    /// <summary>What begins, if anything does; what says goodbye if nothing was decided.</summary>
    internal HandshakeMachine Beginner => _client ?? _server!;

    /// <summary>A side that can be either.</summary>
    /// <param name="settings">Policy of the engine.</param>
    /// <param name="client">What to do as client.</param>
    /// <param name="clientAnswers">Answers the client's questions.</param>
    /// <param name="server">What to do as server.</param>
    /// <param name="serverAnswers">Answers the server's questions.</param>
    public static PeerNegotiation Either(
        HandshakeSettings settings, HandshakeRequest client, IHandshakeAnswers clientAnswers, HandshakeRequest server, IHandshakeAnswers serverAnswers) =>
        Either(
            PeerValue.Random(), settings, client, clientAnswers, server, serverAnswers,
            TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(ShortestPatience, LongestPatience)));

    /// <summary>A side that can only be the client, and says so.</summary>
    public static PeerNegotiation ClientOnly(HandshakeSettings settings, HandshakeRequest client, IHandshakeAnswers answers) =>
        new(PeerValue.ClientOnly, TimeSpan.Zero, Machine(PeerValue.ClientOnly, settings, client, answers), server: null);

    /// <summary>A side that can only be the server. It waits.</summary>
    public static PeerNegotiation ServerOnly(HandshakeSettings settings, HandshakeRequest server, IHandshakeAnswers answers) =>
        new(PeerValue.ServerOnly, patience: null, client: null, new HandshakeMachine(settings, server, answers));

    /// <summary>A side that can be either, with a number and a patience of the caller's.</summary>
    internal static PeerNegotiation Either(
        PeerValue value,
        HandshakeSettings settings,
        HandshakeRequest client,
        IHandshakeAnswers clientAnswers,
        HandshakeRequest server,
        IHandshakeAnswers serverAnswers,
        TimeSpan? patience) => new(
            value,
            patience,
            Machine(value, settings, client, clientAnswers),
            new HandshakeMachine(settings, server, serverAnswers));

    /// <summary>Begins as client; null if this side may not, or has begun.</summary>
    internal HandshakeMachine? Begin()
    {
        if (_begun || _client is null)
            return null;
        _begun = true;
        return _client;
    }

    /// <summary>Looks at what came first.</summary>
    /// <param name="input">All that has come so far.</param>
    internal PeerDecision Decide(ReadOnlySpan<byte> input)
    {
        if (!FirstMessage.TryRead(input, out FirstMessage message, out HandshakeFault? fault))
            return fault is null ? PeerDecision.Open : PeerDecision.Fail(fault);
        if (!message.IsClientHello)
            return Take(_begun ? _client! : _server ?? _client!);
        if (!message.TryFindValue(out ReadOnlySpan<byte> theirs))
            return Fail(AlertCode.DecodeError, "the peer's ClientHello is malformed");
        if (theirs.IsEmpty)
            return _begun ? Fail(AlertCode.UnexpectedMessage, "the peer can only be the client, and both sides had begun: try again, or ask to be the server") : Take(_server!);
        int order = _value.CompareTo(theirs);
        if (order == 0)
            return Fail(AlertCode.IllegalParameter, "the peer's number is the same as this side's: both can only have one role, or it was sent back");
        // Nothing was said that a random number would have to be compared with, as long as this side has not begun.
        bool serves = _server is not null && (order > 0 || (!_begun && PeerValue.ServerOnly.CompareTo(theirs) != 0));
        if (serves)
            return Take(_server!);
        return _client is null ? Fail(AlertCode.IllegalParameter, "neither the peer nor this side can be the client")
            : message.EndsRecord ? Take(_client, message.Length)
            : Fail(AlertCode.UnexpectedMessage, "something follows the peer's ClientHello, which is not to be answered");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client?.Dispose();
        _server?.Dispose();
    }

    private static HandshakeMachine Machine(PeerValue value, HandshakeSettings settings, HandshakeRequest client, IHandshakeAnswers answers) =>
        new(settings, client with { PeerValue = value }, answers);

    /// <summary>Settles on one machine and drops the other.</summary>
    private PeerDecision Take(HandshakeMachine machine, int dropped = 0)
    {
        bool mustStart = !(machine == _client && _begun);
        (machine == _client ? _server : _client)?.Dispose();
        return new PeerDecision(machine, mustStart, dropped, Fault: null);
    }

    private static PeerDecision Fail(AlertCode alert, string reason) => PeerDecision.Fail(new HandshakeFault(alert, FromPeer: false, reason));
}
