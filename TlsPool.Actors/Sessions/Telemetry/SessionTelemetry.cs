using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TlsPool.Actors.Sessions.Telemetry;

/// <summary>What setups of sessions tell those who measure and trace. As long as nobody does, each costs two comparisons. Thread safe.</summary>
internal sealed class SessionTelemetry : IDisposable
{
    /// <summary>Name of the meter.</summary>
    internal const string MeterName = "TlsPool";

    /// <summary>Name of the source of traces.</summary>
    internal const string SourceName = "TlsPool.Sessions";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _durations;

    public SessionTelemetry() => _durations = _meter.CreateHistogram(
        "tlspool.handshake.duration",
        "s",
        "Time from STARTTLS to the end of the handshake, with the waits for people and tokens.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });

    /// <summary>Where traces are made.</summary>
    internal ActivitySource Source { get; } = new(SourceName);

    /// <summary>Follows the setup of a session; null if nobody wants to know.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="request">What was asked for.</param>
    internal SetupTrace? Begin(long number, SessionRequest request) =>
        _durations.Enabled || Source.HasListeners() ? new SetupTrace(this, number, request) : null;

    /// <summary>Records how long a handshake took.</summary>
    /// <param name="duration">Until its end, whatever that was.</param>
    /// <param name="role">client or server.</param>
    /// <param name="outcome">full, resumed or failed.</param>
    internal void Record(TimeSpan duration, string role, string outcome) => _durations.Record(
        duration.TotalSeconds, new KeyValuePair<string, object?>("role", role), new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose()
    {
        _meter.Dispose();
        Source.Dispose();
    }
}
