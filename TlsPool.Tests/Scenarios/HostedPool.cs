using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Logging;

namespace TlsPool.Tests.Scenarios;

/// <summary>The daemon's host inside the test process, for tests that have to hold a session in one of its states.</summary>
internal sealed class HostedPool : IAsyncDisposable
{
    private readonly string _directory;
    private readonly IHost _host;
    private readonly LogLines _log;
    private readonly ILoggerFactory _loggers;

    private HostedPool(string directory, IHost host, LogLines log, ILoggerFactory loggers) =>
        (_directory, _host, _log, _loggers) = (directory, host, log, loggers);

    internal string SocketPath => Path.Combine(_directory, "pool.sock");

    /// <summary>What the pool has logged so far.</summary>
    internal string Log => _log.Text;

    internal static async Task<HostedPool> StartAsync(TestStores stores, string configuration = "")
    {
        string directory = Directory.CreateTempSubdirectory("tlspool-test-").FullName;
        string text = $"log_level DEBUG\nsocket_name {directory}/pool.sock\n{configuration}";
        PoolConfiguration parsed = ConfigurationReader.Parse(
            Encoding.UTF8.GetBytes(text), "test", new Dictionary<string, string>(), out IReadOnlyList<string> warnings);
        var log = new LogLines();
        var rules = new LogRules();
        rules.Change(parsed.LogLevel, parsed.LogFilter);
        ILoggerFactory loggers = LoggerFactory.Create(logging =>
            logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new PoolLoggerProvider(rules, new LogQueue([log]))));
        IHost host = PoolHost.Create(new PoolHostParts(
            parsed, () => (parsed, warnings), rules, loggers, () => stores.Stores,
            [.. parsed.Sockets.Select(ServerSocket.Create)], PidFile: null, new DaemonOutcome()));
        await host.StartAsync();
        return new HostedPool(directory, host, log, loggers);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _loggers.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private sealed class LogLines : ILogTarget
    {
        private readonly StringBuilder _text = new();

        internal string Text
        {
            get
            {
                lock (_text)
                    return _text.ToString();
            }
        }

        public void Write(in LogLine line)
        {
            lock (_text)
                _text.Append(line.Level).Append(' ').Append(line.Facility).Append(": ").Append(line.Text).Append('\n');
        }

        public void Dispose()
        {
        }
    }
}
