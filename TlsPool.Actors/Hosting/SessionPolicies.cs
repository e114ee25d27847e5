using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Actors.Hosting;

/// <summary>Makes session policies of configurations. Ticket keys and kept sessions survive a reload, so that peers can go on resuming.</summary>
internal sealed class SessionPolicies(TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    private const int KeptClientSessions = 8192;

    private readonly ClientSessionCache _clientSessions = new(KeptClientSessions, time);
    private volatile TicketKeyRing? _tickets;
    private KeyLogFile? _keyLog;
    private string _keyLogPath = "";

    /// <summary>The ticket keys in use; null for none.</summary>
    internal TicketKeyRing? Tickets => _tickets;

    /// <summary>The policy of a configuration.</summary>
    /// <exception cref="DaemonException">It cannot be put to work; the last one stays good.</exception>
    internal SessionPolicy Make(PoolConfiguration configuration)
    {
        OpenKeyLog(configuration.KeyLogFile);
        if (_tickets?.Lifetime != configuration.TicketLifetime)
            _tickets = configuration.TicketLifetime == TimeSpan.Zero ? null : new TicketKeyRing(configuration.TicketLifetime, time);
        return new SessionPolicy
        {
            Handshakes = new HandshakeSettings
            {
                MinVersion = configuration.MinVersion,
                MaxVersion = configuration.MaxVersion,
                CipherSuites = configuration.CipherSuites.IsEmpty ? null : configuration.CipherSuites,
                Tickets = _tickets,
                ClientSessions = _clientSessions,
                KeyLog = _keyLog,
            },
            OnTheFly = OnTheFlyAuthority.Read(configuration),
            Facilities = configuration.Facilities,
            LocalIdProgramUsers = configuration.LocalIdProgramUsers.IsEmpty
                ? null
                : configuration.LocalIdProgramUsers.Select(user => Accounts.User(user).User).ToHashSet(),
            Precursor = configuration.Precursor,
            MaxEarlyBytes = configuration.MaxEarlyBytes,
            SetupTimeout = configuration.HandshakeTimeout,
            MaxConnections = configuration.MaxConnections,
            MaxRequestsPerConnection = configuration.MaxRequestsPerConnection,
        };
    }

    public void Dispose()
    {
        _tickets?.Dispose();
        _keyLog?.Dispose();
    }

    private void OpenKeyLog(string path)
    {
        if (path == _keyLogPath)
            return;
        try
        {
            // An earlier file stays open: sessions of the earlier policy may still write to it.
            _keyLog = path.Length == 0 ? null : new KeyLogFile(path);
            _keyLogPath = path;
            if (_keyLog is not null)
                loggers.CreateLogger(LogFacility.Daemon).LogCritical(
                    "TRAFFIC SECRETS ARE WRITTEN TO {Path}: whoever reads it can read every session; take tls_keylog_file out when you are done", path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DaemonException($"tls_keylog_file: {exception.Message}");
        }
    }
}
