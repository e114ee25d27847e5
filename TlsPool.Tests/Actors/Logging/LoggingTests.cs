using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using TlsPool.Actors.Logging;

namespace TlsPool.Tests.Actors.Logging;

public sealed class LoggingTests
{
    [TestCase("one\ntwo", "one | two")]
    [TestCase("one\r\ntwo", "one |  | two")]
    [TestCase("bell\a, escape\x1b[2J, delete\x7f, C1\x9b", "bell?, escape?[2J, delete?, C1?")]
    [TestCase("line\u2028 paragraph\u2029 reversed\u202E isolated\u2066 joined\u200D", "line? paragraph? reversed? isolated? joined?")]
    [TestCase("Jürgen 日本 is text", "Jürgen 日本 is text")]
    public void A_line_stays_one_line_of_visible_text(string text, string expected)
    {
        var lines = new Lines();
        using (Log log = Start(lines, LogLevel.Debug))
            log.CreateLogger(LogFacility.Tls).LogError("{Text}", text);
        Assert.That(lines.Texts, Is.EqualTo(new[] { expected }));
    }

    [Test]
    public void A_line_has_a_limit()
    {
        var lines = new Lines();
        using (Log log = Start(lines, LogLevel.Debug))
            log.CreateLogger(LogFacility.Tls).LogError("{Text}", new string('x', 100_000));
        Assert.That(lines.Texts.Single(), Has.Length.EqualTo(4096));
    }

    [Test]
    public void Level_and_filter_choose_lines_and_what_is_critical_always_comes()
    {
        var lines = new Lines();
        using (Log log = Start(lines, LogLevel.Warning, LogFacility.Tls, LogFacility.Database))
        {
            log.CreateLogger(LogFacility.Tls).LogInformation("too low");
            log.CreateLogger(LogFacility.Tls).LogWarning("taken");
            log.CreateLogger(LogFacility.Certificates).LogError("other facility");
            log.CreateLogger("Akka.Actor").LogCritical("critical");
        }
        Assert.That(lines.Written.Select(line => $"{line.Severity} {line.Facility} {line.Text}"), Is.EqualTo(new[] { "4 TLS taken", "2 DAEMON critical" }));
    }

    [Test]
    public void A_target_that_is_slow_holds_nobody_up_and_what_is_lost_is_counted()
    {
        // Not disposed: the log's thread may still be waking up.
        var hold = new ManualResetEventSlim();
        var lines = new Lines { Hold = hold };
        using (Log log = Start(lines, LogLevel.Debug))
        {
            ILogger logger = log.CreateLogger(LogFacility.Tls);
            for (int i = 0; i < 10_000; i++)
                logger.LogInformation("line");
            hold.Set();
        }
        Assert.That(lines.Written[^1].Text, Does.EndWith("lines were dropped: the log could not keep up"));
        Assert.That(lines.Written, Has.Count.LessThan(10_000).And.Count.GreaterThan(8_000));
    }

    [Test]
    public void Syslog_gets_datagrams_as_syslog_3_sends_them_and_may_come_later_and_again()
    {
        string directory = Directory.CreateTempSubdirectory("tlspool-log-").FullName;
        string path = Path.Combine(directory, "log");
        using var target = new SyslogTarget(path);
        var time = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
        target.Write(new LogLine(time, LogLevel.Error, LogFacility.Tls, "to nobody"));
        for (int i = 0; i < 2; i++)
        {
            using var daemon = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
            daemon.Bind(new UnixDomainSocketEndPoint(path));
            target.Write(new LogLine(time, LogLevel.Warning, LogFacility.Tls, "heard"));
            byte[] datagram = new byte[4096];
            string text = Encoding.UTF8.GetString(datagram, 0, daemon.Receive(datagram));
            Assert.That(text, Is.EqualTo($"<28>Feb  3 04:05:06 tlspool[{Environment.ProcessId}]: TLS: heard"));
            File.Delete(path);
        }
        Directory.Delete(directory, recursive: true);
    }

    private static Log Start(Lines lines, LogLevel level, params string[] facilities)
    {
        var rules = new LogRules();
        rules.Change(level, [.. facilities]);
        return new Log(rules, new LogQueue([lines]));
    }

    /// <summary>Everything is written when it has been disposed.</summary>
    private sealed class Log(LogRules rules, LogQueue queue) : IDisposable
    {
        private readonly PoolLoggerProvider _provider = new(rules, queue);

        internal ILogger CreateLogger(string category) => _provider.CreateLogger(category);

        public void Dispose() => _provider.Dispose();
    }

    private sealed class Lines : ILogTarget
    {
        private readonly List<LogLine> _lines = [];

        internal ManualResetEventSlim? Hold { get; init; }

        internal List<LogLine> Written
        {
            get
            {
                lock (_lines)
                    return [.. _lines];
            }
        }

        internal IEnumerable<string> Texts => Written.Select(line => line.Text);

        public void Write(in LogLine line)
        {
            Hold?.Wait();
            lock (_lines)
                _lines.Add(line);
        }

        public void Dispose()
        {
        }
    }
}
