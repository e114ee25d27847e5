using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;
using TlsPool.Tests.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Pump;

/// <summary>A pump on a loop of its own, with real sockets: the test is the application on one side, and the TLS peer on the other.</summary>
internal sealed class PumpedSession : ISessionEvents, IDisposable
{
    internal const int Patience = 30_000;

    private static readonly Lazy<TestIdentity> Identity = new(() => TestIdentity.Ecdsa());

    private readonly EventLoop _loop = new("pump test");
    private readonly TaskCompletionSource<SessionEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HandshakeOutcome _peer;
    private readonly byte[] _received = new byte[RecordHeader.Size + RecordHeader.MaxBody12];
    private readonly SafeDescriptor _plaintext;

    internal PumpedSession(TlsVersion version, bool tcp = false, HandshakeSettings? settings = null, Action<HandshakeOutcome, HandshakeOutcome>? prepare = null, bool attach = true, int maxContent = RecordSealer.MaxContent)
    {
        HandshakeSettings both = (settings ?? new HandshakeSettings()) with { MinVersion = version, MaxVersion = version };
        MachinePair pair = new MachinePair(both, new TestAnswers(Identity.Value), both, new TestAnswers(null)).Run();
        HandshakeOutcome own = pair.Server.Outcome!;
        _peer = pair.Client.Outcome!;
        prepare?.Invoke(own, _peer);
        (SafeDescriptor ciphertext, Peer) = tcp ? Tcp() : Unix();
        (_plaintext, Application) = tcp ? Tcp() : Unix();
        foreach (Socket socket in new[] { Peer, Application })
            (socket.ReceiveTimeout, socket.SendTimeout) = (Patience, Patience);
        Pump = SessionPump.Adopt(_loop, ciphertext, Limited(own, maxContent), this);
        if (attach)
            Attach();
    }

    internal SessionPump Pump { get; }

    /// <summary>The application's end of the plaintext.</summary>
    internal Socket Application { get; }

    /// <summary>The TLS peer's end of the ciphertext.</summary>
    internal Socket Peer { get; }

    internal RecordSealer PeerSealer => _peer.Sealer;

    internal void Attach() => Pump.Attach(_plaintext);

    /// <summary>Waits for the session's end.</summary>
    internal SessionEnd End() => _end.Task.Wait(Patience) ? _end.Task.Result : throw new TimeoutException("the session does not end");

    internal bool HasEnded => _end.Task.IsCompleted;

    /// <summary>A record of the TLS peer.</summary>
    internal byte[] Seal(ReadOnlySpan<byte> content, ContentType type = ContentType.ApplicationData)
    {
        int front = RecordSealer.HeaderSize + _peer.Sealer.PrefixSize;
        byte[] record = new byte[front + content.Length + _peer.Sealer.SuffixSize];
        content.CopyTo(record.AsSpan(front));
        return record[.._peer.Sealer.Seal(record, content.Length, type)];
    }

    internal void SendRecord(ReadOnlySpan<byte> content, ContentType type = ContentType.ApplicationData) => SendAll(Peer, Seal(content, type));

    /// <summary>The next record that the TLS peer gets; null at the end of the stream.</summary>
    internal (ContentType Type, byte[] Content)? ReceiveRecord()
    {
        if (!Fill(_received.AsSpan(0, RecordHeader.Size)))
            return null;
        int length = RecordHeader.BodyLength(_received);
        Assert.That(Fill(_received.AsSpan(RecordHeader.Size, length)), Is.True, "the stream ends inside a record");
        OpenedRecord opened = _peer.Opener.Open(_received.AsSpan(0, RecordHeader.Size + length));
        return (opened.Type, _received.AsSpan(opened.Offset, opened.Length).ToArray());
    }

    /// <summary>The next record that is no ticket, key update included as it is followed.</summary>
    internal (ContentType Type, byte[] Content)? ReceiveData()
    {
        while (ReceiveRecord() is { } record)
        {
            if (record.Type != ContentType.Handshake)
                return record;
            if (record.Content[0] == 24)
                _peer.Opener.UpdateKeys();
        }
        return null;
    }

    /// <summary>An alert, after whatever data came before it.</summary>
    internal byte[] ReceiveAlert()
    {
        while (ReceiveData() is { } record)
        {
            if (record.Type == ContentType.Alert)
                return record.Content;
        }
        throw new EndOfStreamException("the stream ended without an alert");
    }

    internal void UpdatePeerOpener() => _peer.Opener.UpdateKeys();

    internal static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes)..];
    }

    /// <summary>Reads exactly so many bytes.</summary>
    internal static byte[] ReceiveExactly(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int got = socket.Receive(bytes.AsSpan(have));
            if (got == 0)
                throw new EndOfStreamException($"the stream ended after {have} bytes of {count}");
            have += got;
        }
        return bytes;
    }

    internal static void WaitUntil(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        Assert.That(
            SpinWait.SpinUntil(condition, Patience), Is.True, $"nothing in {Stopwatch.GetElapsedTime(start)}");
    }

    public void OnQuestion(SessionPump pump, HandshakeQuestion question) => Assert.Fail("no question was due");

    public void OnHandshakeDone(SessionPump pump, HandshakeOutcome outcome) => Assert.Fail("no handshake was due");

    public void OnHandshakeFailed(SessionPump pump, HandshakeFault fault) => Assert.Fail("no handshake was due");

    public void OnRenewalWanted(SessionPump pump) => pump.RefuseRenegotiation();

    public void OnRenewed(SessionPump pump, HandshakeOutcome outcome) => Assert.Fail("no renewal was due");

    public void OnAuthenticated(SessionPump pump, PostHandshakeIdentity identity) => Assert.Fail("no authentication was due");

    public void OnRenewalRefused(SessionPump pump, RenewalRefusal refusal) => Assert.Fail("no renewal was due");

    public void OnRenewalFailed(SessionPump pump, HandshakeFault fault) => Assert.Fail("no renewal was due");

    public void OnEnded(SessionPump pump, SessionEnd end) => _end.TrySetResult(end);

    public void Dispose()
    {
        Pump.Close(AlertCode.CloseNotify);
        _loop.Dispose();
        Application.Dispose();
        Peer.Dispose();
        _plaintext.Dispose();
    }

    private static HandshakeOutcome Limited(HandshakeOutcome outcome, int maxContent) => new()
    {
        Role = outcome.Role,
        Version = outcome.Version,
        CipherSuite = outcome.CipherSuite,
        Group = outcome.Group,
        PeerChain = outcome.PeerChain,
        Secrets = outcome.Secrets,
        Sealer = outcome.Sealer,
        Opener = outcome.Opener,
        PostHandshake = outcome.PostHandshake,
        FirstMessages = outcome.FirstMessages,
        MaxContent = maxContent,
    };

    private static (SafeDescriptor, Socket) Unix()
    {
        (SafeDescriptor first, SafeDescriptor second) = SocketPair.Create();
        return (first, new Socket(new SafeSocketHandle(second.Detach(), ownsHandle: true)));
    }

    private static (SafeDescriptor, Socket) Tcp()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        using Socket accepted = listener.Accept();
        return (SafeDescriptor.DuplicateOf(accepted), client);
    }

    private bool Fill(Span<byte> buffer)
    {
        for (int have = 0; have < buffer.Length;)
        {
            int got = Peer.Receive(buffer[have..]);
            if (got == 0)
                return have == 0 ? false : throw new EndOfStreamException("the stream ended inside a record");
            have += got;
        }
        return true;
    }
}
