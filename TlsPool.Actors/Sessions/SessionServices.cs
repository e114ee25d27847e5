using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Sessions.Telemetry;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Sessions;

/// <summary>What all sessions share.</summary>
public sealed class SessionServices
{
    private volatile SessionPolicy _policy;

    /// <summary>Brings the parts together.</summary>
    /// <param name="policy">The first policy.</param>
    public SessionServices(SessionPolicy policy) => _policy = policy;

    /// <summary>The policy for new sessions. Replaced on reload.</summary>
    public SessionPolicy Policy
    {
        get => _policy;
        set => _policy = value;
    }

    /// <summary>All sessions, for those who look on.</summary>
    internal SessionTable Sessions { get; } = new();

    /// <summary>Measures and traces setups.</summary>
    internal SessionTelemetry Telemetry { get; init; } = new();

    /// <summary>Loops that carry sessions and connections.</summary>
    public required EventLoopGroup Loops { get; init; }

    /// <summary>Local identities.</summary>
    public required ILocalIdentities Identities { get; init; }

    /// <summary>Rules about local identities.</summary>
    public required ILocalIdRules Rules { get; init; }

    /// <summary>Judge of peers.</summary>
    public required IPeerValidator Validator { get; init; }

    /// <summary>Keys at hand.</summary>
    public required ISigningKeys Keys { get; init; }

    /// <summary>The token supervisor, which answers <c>TokenProtocol.Sign</c>.</summary>
    public required IActorRef Tokens { get; init; }

    /// <summary>The <c>LocalIdActor</c>, which asks somebody whom to be.</summary>
    public required IActorRef LocalIds { get; init; }

    /// <summary>The <c>OnTheFlyActor</c>, which makes certificates of a moment.</summary>
    public required IActorRef OnTheFly { get; init; }

    /// <summary>
    /// Takes over what commands have changed about identities and trust; null if nothing has changed. Asked before each session; never waits,
    /// and its result does not fail.
    /// </summary>
    public required Func<Task?> CatchUp { get; init; }

    /// <summary>Where decisions are recorded.</summary>
    public required IAuditTrail Audit { get; init; }

    /// <summary>Log of sessions (facility TLS).</summary>
    public required ILogger Log { get; init; }
}
