using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TlsPool.Actors.Logging;

/// <summary>Lines to the local syslog daemon in the form that <c>syslog(3)</c> sends, facility <c>daemon</c>. Never waits for it.</summary>
public sealed class SyslogTarget : ILogTarget
{
    /// <summary>Where syslog daemons listen.</summary>
    public const string DefaultPath = "/dev/log";

    private const int DaemonFacility = 3 << 3;
    private const int MaxLine = 2048;

    private readonly string _path;
    private Socket? _socket;

    /// <summary>Writes to a syslog daemon. It is connected to at once if it is there, as a change of root may put it out of reach.</summary>
    /// <param name="path">Its datagram socket.</param>
    public SyslogTarget(string path)
    {
        _path = path;
        Connect();
    }

    /// <inheritdoc/>
    public void Write(in LogLine line)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"<{DaemonFacility | line.Severity}>{line.Time:MMM} {line.Time.Day,2} {line.Time:HH:mm:ss} tlspool[{Environment.ProcessId}]: {line.Facility}: {line.Text}");
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        ReadOnlySpan<byte> datagram = bytes.AsSpan(0, Math.Min(bytes.Length, MaxLine));
        // A syslog daemon that was restarted has a new socket: one more try.
        if (!TrySend(datagram))
            _ = TrySend(datagram);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private bool TrySend(ReadOnlySpan<byte> datagram)
    {
        if (_socket is null && !Connect())
            return false;
        try
        {
            _socket!.Send(datagram);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
        {
            return true;
        }
        catch (SocketException)
        {
            _socket!.Dispose();
            _socket = null;
            return false;
        }
    }

    private bool Connect()
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            socket.Connect(new UnixDomainSocketEndPoint(_path));
            _socket = socket;
            return true;
        }
        catch (SocketException)
        {
            // Nobody is there, or this process has no descriptor left.
            socket?.Dispose();
            return false;
        }
    }
}
