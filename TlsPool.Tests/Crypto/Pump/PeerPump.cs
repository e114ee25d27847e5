using System.Net.Sockets;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Handshakes.Peers;
using TlsPool.Crypto.Pump;
using TlsPool.Protocol.IO;
using TlsPool.Tests.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Pump;

/// <summary>A pump that finds out its role from its other side, which the test provides.</summary>
internal sealed class PeerPump : ISessionEvents, IDisposable
{
    private static readonly Lazy<TestIdentity> Identity = new(() => TestIdentity.Ecdsa());

    private readonly EventLoop _loop = new("peer test");
    private readonly TestAnswers _answers;
    private readonly TaskCompletionSource<HandshakeOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts it on a socket, which it takes.</summary>
    /// <param name="ciphertext">The socket.</param>
    /// <param name="start">Makes its negotiation of settings, orders for both roles, and answers.</param>
    /// <param name="later">True to answer every question later.</param>
    /// <param name="settings">Policy of the engine.</param>
    internal PeerPump(
        SafeDescriptor ciphertext,
        Func<HandshakeSettings, HandshakeRequest, HandshakeRequest, IHandshakeAnswers, PeerNegotiation> start,
        bool later = false,
        HandshakeSettings? settings = null)
    {
        _answers = new TestAnswers(Identity.Value, later);
        HandshakeRequest client = new(TlsRole.Client, PeerAuthentication.Demand, "localhost", [], ResumptionScope: null);
        PeerNegotiation negotiation = start(settings ?? new HandshakeSettings(), client, client with { Role = TlsRole.Server, ServerName = null }, _answers);
        Pump = SessionPump.Start(_loop, ciphertext, negotiation, this);
    }

    internal SessionPump Pump { get; }

    /// <summary>The role that was told first; null before.</summary>
    internal TlsRole? Role { get; private set; }

    internal HandshakeOutcome Outcome() =>
        _outcome.Task.Wait(PumpedSession.Patience) ? _outcome.Task.Result : throw new TimeoutException("no handshake");

    /// <summary>Why the handshake failed.</summary>
    internal HandshakeFault Fault()
    {
        try
        {
            Outcome();
        }
        catch (AggregateException exception) when (exception.InnerException is FailedException failed)
        {
            return failed.Fault;
        }
        throw new InvalidOperationException("the handshake did not fail");
    }

    /// <summary>A negotiation that begins after a while, or never.</summary>
    internal static Func<HandshakeSettings, HandshakeRequest, HandshakeRequest, IHandshakeAnswers, PeerNegotiation> Either(TimeSpan? patience) =>
        (settings, client, server, answers) => Either(PeerValue.Random(), patience)(settings, client, server, answers);

    /// <summary>A negotiation with a number that the test chooses.</summary>
    internal static Func<HandshakeSettings, HandshakeRequest, HandshakeRequest, IHandshakeAnswers, PeerNegotiation> Either(PeerValue value, TimeSpan? patience) =>
        (settings, client, server, answers) => PeerNegotiation.Either(value, settings, client, answers, server, answers, patience);

    /// <summary>A pair of connected sockets: one for a pump, one for the test.</summary>
    internal static (SafeDescriptor Pump, Socket Test) Wire()
    {
        (SafeDescriptor pump, SafeDescriptor test) = SocketPair.Create();
        return (pump, new Socket(new SafeSocketHandle(test.Detach(), ownsHandle: true)) { ReceiveTimeout = PumpedSession.Patience, SendTimeout = PumpedSession.Patience });
    }

    public void OnRoleDecided(SessionPump pump, TlsRole role) => Role = role;

    public void OnQuestion(SessionPump pump, HandshakeQuestion question) => pump.Answer(_answers.Answer(question));

    public void OnHandshakeDone(SessionPump pump, HandshakeOutcome outcome) => _outcome.TrySetResult(outcome);

    public void OnHandshakeFailed(SessionPump pump, HandshakeFault fault) => _outcome.TrySetException(new FailedException(fault));

    public void OnRenewalWanted(SessionPump pump)
    {
    }

    public void OnRenewed(SessionPump pump, HandshakeOutcome outcome)
    {
    }

    public void OnAuthenticated(SessionPump pump, PostHandshakeIdentity identity)
    {
    }

    public void OnRenewalRefused(SessionPump pump, RenewalRefusal refusal)
    {
    }

    public void OnRenewalFailed(SessionPump pump, HandshakeFault fault)
    {
    }

    public void OnEnded(SessionPump pump, SessionEnd end)
    {
    }

    public void Dispose()
    {
        Pump.Close(TlsPool.Crypto.Records.AlertCode.CloseNotify);
        _loop.Dispose();
    }

    private sealed class FailedException(HandshakeFault fault) : Exception(fault.Reason)
    {
        internal HandshakeFault Fault => fault;
    }
}
