using System.Net.Sockets;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Tests.Crypto.Handshakes;

namespace TlsPool.Tests.Scenarios;

/// <summary>A TLS client that does its handshake well, and sends whatever a test likes after it. Blocking, with a deadline on every read.</summary>
internal sealed class RawTlsClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        ReceiveTimeout = 20_000,
        SendTimeout = 20_000,
    };

    private readonly List<byte> _unread = [];
    private readonly HandshakeOutcome _outcome;

    internal RawTlsClient(int port, TlsVersion version)
    {
        _socket.Connect("127.0.0.1", port);
        var settings = new HandshakeSettings { MinVersion = version, MaxVersion = version };
        var request = new HandshakeRequest(TlsRole.Client, PeerAuthentication.Demand, "server.example", [], null);
        using var machine = new HandshakeMachine(settings, request, new TestAnswers(null));
        HandshakeStatus status = machine.Start();
        byte[] buffer = new byte[20_000];
        while (true)
        {
            for (int count; (count = machine.ReadOutput(buffer)) > 0;)
                _socket.Send(buffer, count, SocketFlags.None);
            if (status != HandshakeStatus.NeedInput)
                break;
            int got = _socket.Receive(buffer);
            if (got == 0)
                throw new EndOfStreamException("the server closed the connection during the handshake");
            _unread.AddRange(buffer.AsSpan(0, got));
            status = machine.Offer(_unread.ToArray(), out int consumed);
            _unread.RemoveRange(0, consumed);
        }
        _outcome = machine.Outcome ?? throw new InvalidOperationException(machine.Fault?.Reason);
    }

    internal Socket Socket => _socket;

    /// <summary>A record as it would be sent.</summary>
    internal byte[] Seal(ContentType type, ReadOnlySpan<byte> content)
    {
        int front = RecordSealer.HeaderSize + _outcome.Sealer.PrefixSize;
        byte[] record = new byte[front + content.Length + _outcome.Sealer.SuffixSize];
        content.CopyTo(record.AsSpan(front));
        int size = _outcome.Sealer.Seal(record, content.Length, type);
        return record[..size];
    }

    internal void Send(ContentType type, params ReadOnlySpan<byte> content) => SendRaw(Seal(type, content));

    /// <summary>Sends a key update as it has to be (RFC 8446 section 4.6.3).</summary>
    internal void UpdateKeys()
    {
        Send(ContentType.Handshake, 24, 0, 0, 1, 0);
        _outcome.Sealer.UpdateKeys();
    }

    internal void SendRaw(params ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>The next record that is no ticket; null at the end of the stream.</summary>
    internal (ContentType Type, byte[] Content)? Receive()
    {
        while (true)
        {
            if (!Fill(RecordHeader.Size))
                return null;
            int size = RecordHeader.Size + RecordHeader.BodyLength(_unread.GetRange(0, RecordHeader.Size).ToArray());
            if (!Fill(size))
                return null;
            byte[] record = [.. _unread.GetRange(0, size)];
            _unread.RemoveRange(0, size);
            OpenedRecord opened = _outcome.Opener.Open(record);
            if (opened.Type != ContentType.Handshake)
                return (opened.Type, record[opened.Offset..(opened.Offset + opened.Length)]);
        }
    }

    /// <summary>The alert that comes next, after any data; null if the stream ends without.</summary>
    internal AlertCode? ReceiveAlert()
    {
        while (Receive() is { } record)
        {
            if (record.Type == ContentType.Alert)
                return (AlertCode)record.Content[1];
        }
        return null;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _outcome.Sealer.Dispose();
        _outcome.Opener.Dispose();
        _outcome.Secrets.Dispose();
    }

    private bool Fill(int wanted)
    {
        byte[] buffer = new byte[20_000];
        while (_unread.Count < wanted)
        {
            int got;
            try
            {
                got = _socket.Receive(buffer);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
            {
                return false;
            }
            if (got == 0)
                return false;
            _unread.AddRange(buffer.AsSpan(0, got));
        }
        return true;
    }
}
