using System.Diagnostics;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions.Telemetry;

/// <summary>
/// The setup of one session: how long it takes, and where tracing is on, a span with its phases one after the other and what the handshake
/// asks within its own. Spans have no identities and no addresses: the session's number leads to the log and the audit trail of the node.
/// Used by the actor, and by the loop while the actor waits for it.
/// </summary>
internal sealed class SetupTrace
{
    private readonly SessionTelemetry _telemetry;
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly Activity? _setup;
    private Activity? _phase;
    private Activity? _question;
    private string _role;
    private bool _isShaken;

    internal SetupTrace(SessionTelemetry telemetry, long number, SessionRequest request)
    {
        _telemetry = telemetry;
        _role = TlsNames.Role(request.Role);
        _setup = Start("session setup", request.Role == TlsRole.Client ? ActivityKind.Client : ActivityKind.Server, default);
        _setup?.SetTag("tlspool.session", number);
        if (request.Message.Service.Length > 0)
            _setup?.SetTag("tlspool.service", request.Message.Service);
        Enter("local identity");
    }

    /// <summary>The handshake begins.</summary>
    internal void Handshake() => Enter("handshake");

    /// <summary>The handshake asks something. It has asked nothing else that is not answered.</summary>
    internal void Asked(HandshakeQuestion question)
    {
        if (_phase is not null)
            _question = Start(NameOf(question), ActivityKind.Internal, _phase.Context);
    }

    /// <summary>It has its answer.</summary>
    internal void Answered()
    {
        _question?.Stop();
        _question = null;
    }

    /// <summary>The handshake is done, and the application is asked for the plaintext side.</summary>
    internal void Shaken(TlsRole role, SessionParameters parameters)
    {
        _isShaken = true;
        _role = TlsNames.Role(role);
        _telemetry.Record(Stopwatch.GetElapsedTime(_begun), _role, parameters.Resumed ? "resumed" : "full");
        if (_setup is null)
            return;
        _setup.SetTag("tls.protocol.version", parameters.Version == TlsVersion.Tls13 ? "1.3" : "1.2");
        _setup.SetTag("tls.cipher", TlsNames.CipherSuite(parameters.CipherSuite));
        _setup.SetTag("tls.curve", TlsNames.Group(parameters.Group));
        _setup.SetTag("tls.resumed", parameters.Resumed);
        Enter("plaintext");
    }

    /// <summary>The session carries data.</summary>
    internal void Done()
    {
        Leave();
        Stop(ActivityStatusCode.Ok);
    }

    /// <summary>The setup has failed. Why is told as a number: the text may name people.</summary>
    internal void Failed(PoolError error)
    {
        if (!_isShaken)
            _telemetry.Record(Stopwatch.GetElapsedTime(_begun), _role, "failed");
        Leave();
        _setup?.SetTag("error.type", error.ToString());
        Stop(ActivityStatusCode.Error);
    }

    private void Enter(string phase)
    {
        if (_setup is null)
            return;
        Leave();
        _phase = Start(phase, ActivityKind.Internal, _setup.Context);
    }

    private void Leave()
    {
        Answered();
        _phase?.Stop();
        _phase = null;
    }

    private void Stop(ActivityStatusCode status)
    {
        _setup?.SetTag("tlspool.role", _role);
        _setup?.SetStatus(status);
        _setup?.Stop();
    }

    /// <summary>Threads of loops carry other sessions next: none of them may be taken for a part of this one.</summary>
    private Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        Activity.Current = null;
        Activity? started = _telemetry.Source.StartActivity(name, kind, parent);
        Activity.Current = null;
        return started;
    }

    private static string NameOf(HandshakeQuestion question) => question switch
    {
        CredentialQuestion => "credential choice",
        SignatureQuestion => "signature",
        _ => "validation",
    };
}
