using System.Net.Sockets;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// A session after its handshake, between two socket pairs: batches of records, alerts, tickets, key updates and wishes to renegotiate. It
/// ends for a reason that is not a fault of its own, what it passed on is what was sealed, and what it answers can be opened. The first byte
/// chooses suite and role, the second how the stream is cut; records follow.
/// </summary>
internal sealed class PumpTarget : FuzzTarget
{
    private const byte KeyUpdate = 24;
    private const int MaxWire = 64 * 1024;

    /// <summary>So few that all fit into the socket: after close_notify nobody reads them.</summary>
    private const int MaxPieces = 64;

    private const int PatienceMilliseconds = 30_000;

    private static readonly byte[] Ticket13 = [4, 0, 0, 17, 0, 0, 14, 16, 1, 2, 3, 4, 1, 9, 0, 3, 5, 6, 7, 0, 0];

    private readonly Lazy<EventLoop> _loop = new(() => new EventLoop("fuzz"));

    internal override string Name => "pump";

    internal override IReadOnlyList<byte[]> Words =>
    [
        Ticket13, [KeyUpdate, 0, 0, 1, 0], [KeyUpdate, 0, 0, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0], [1, 0], [1, 90], [2, 40],
        RecordScript.Write(RecordKind.Sealed, ContentType.Alert, [1, 0]), RecordScript.Write(RecordKind.Sealed, ContentType.Handshake, Ticket13),
        RecordScript.Write(RecordKind.KeyUpdate, (ContentType)1, []),
    ];

    internal override IEnumerable<byte[]> Seeds()
    {
        byte[] data = RecordScript.Write(RecordKind.Sealed, ContentType.ApplicationData, "hello"u8);
        byte[] close = RecordScript.Write(RecordKind.Sealed, ContentType.Alert, [1, 0]);
        for (int head = 0; head < 2 * SealedStream.SuiteCount; head++)
        {
            byte suite = (byte)head;
            yield return [suite, 255, .. data, .. close];
            yield return [suite, 7, .. data, .. RecordScript.Write(RecordKind.KeyUpdate, (ContentType)1, []), .. data, .. close];
            yield return [suite, 255, .. RecordScript.Write(RecordKind.Sealed, ContentType.Handshake, Ticket13), .. data];
            yield return [suite, 255, .. RecordScript.Write(RecordKind.Sealed, ContentType.Handshake, [0, 0, 0, 0]), .. data, .. close];
            yield return [suite, 0, .. RecordScript.WriteLong(RecordKind.Sealed, ContentType.ApplicationData, 7, 16384), .. close];
            yield return [suite, 255, .. RecordScript.Write(RecordKind.Damaged, ContentType.ApplicationData, "hello hello"u8)];
        }
    }

    internal override void Run(byte[] input)
    {
        var reader = new InputReader(input);
        byte head = reader.Byte();
        int piece = reader.Byte() is 255 ? MaxWire : 1 + (input.Length > 1 ? input[1] * 16 : 0);
        var stream = new SealedStream(head);
        TlsRole role = head / SealedStream.SuiteCount % 2 == 0 ? TlsRole.Client : TlsRole.Server;
        using RecordSealer sealer = stream.Sealer();
        var wire = new List<byte>();
        var data = new List<byte>();
        foreach (ScriptedRecord scripted in RecordScript.Read(ref reader, MaxWire / 2))
        {
            byte[] record = scripted.Make(sealer, stream.Is13);
            if (wire.Count + record.Length > MaxWire)
                break;
            wire.AddRange(record);
            if (scripted.Kind == RecordKind.Sealed || (scripted.Kind == RecordKind.KeyUpdate && !stream.Is13))
                data.AddRange(DataIn(scripted, stream.Is13));
        }
        Pass(stream, role, [.. wire], piece, [.. data]);
    }

    /// <summary>The application data of a sealed record.</summary>
    private static ReadOnlySpan<byte> DataIn(ScriptedRecord scripted, bool is13)
    {
        ReadOnlySpan<byte> content = scripted.Content.AsSpan(0, Math.Min(scripted.Content.Length, RecordSealer.MaxContent));
        if (scripted.Type == (byte)ContentType.ApplicationData)
            return content;
        // In TLS 1.3 a type of zero is padding, and the type is looked for in front of it.
        ReadOnlySpan<byte> inner = content.TrimEnd((byte)0);
        return is13 && scripted.Type == 0 && inner is [.., (byte)ContentType.ApplicationData] ? inner[..^1] : [];
    }

    private void Pass(SealedStream stream, TlsRole role, byte[] wire, int piece, byte[] data)
    {
        (SafeDescriptor ciphertext, SafeDescriptor peerEnd) = SocketPair.Create();
        (SafeDescriptor plaintext, SafeDescriptor applicationEnd) = SocketPair.Create();
        using Socket peer = Own(peerEnd), application = Own(applicationEnd);
        var events = new Ending();
        SessionPump pump = SessionPump.Adopt(_loop.Value, ciphertext, Outcome(stream, role), events);
        pump.Attach(plaintext);
        SendPieces(peer, wire, piece);
        byte[] passed = ReceiveAll(application);
        application.Dispose();
        byte[] answers = ReceiveAll(peer);
        peer.Dispose();
        SessionEnd? end = events.Wait(PatienceMilliseconds);
        Unless(end is not null, "a session ends when both its sockets have ended");
        Unless(end.Reason != SessionEndReason.ClosedHere, "a session does not end by a fault of its own");
        Unless(events.Calls == 1, "a session ends once");
        Unless(data.AsSpan().StartsWith(passed), "what is passed on is what was sealed");
        CheckAnswers(stream, answers);
    }

    /// <summary>Everything that was sent before the connection ended is whole records under the right keys.</summary>
    private static void CheckAnswers(SealedStream stream, byte[] answers)
    {
        using RecordOpener opener = stream.Opener();
        for (Span<byte> rest = answers; rest.Length >= RecordHeader.Size;)
        {
            int size = RecordHeader.Size + RecordHeader.BodyLength(rest);
            if (rest.Length < size)
                return;
            OpenedRecord opened = opener.Open(rest[..size]);
            Unless(opened.Type is ContentType.Alert or ContentType.Handshake, "answers are alerts and key updates");
            if (opened.Type == ContentType.Handshake && rest[opened.Offset] == KeyUpdate)
                opener.UpdateKeys();
            rest = rest[size..];
        }
    }

    private static void SendPieces(Socket peer, byte[] wire, int piece)
    {
        piece = Math.Max(piece, (wire.Length + MaxPieces - 1) / MaxPieces);
        try
        {
            for (int at = 0; at < wire.Length; at += piece)
                peer.Send(wire.AsSpan(at, Math.Min(piece, wire.Length - at)));
            peer.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The session has ended meanwhile.
        }
    }

    private static byte[] ReceiveAll(Socket socket)
    {
        var all = new List<byte>();
        byte[] buffer = new byte[32 * 1024];
        try
        {
            for (int got; (got = socket.Receive(buffer)) > 0;)
                all.AddRange(buffer.AsSpan(0, got));
        }
        catch (SocketException exception)
        {
            Unless(exception.SocketErrorCode is not (SocketError.TimedOut or SocketError.WouldBlock), "a session passes on the end of data");
        }
        return [.. all];
    }

    private static Socket Own(SafeDescriptor descriptor) =>
        new(new SafeSocketHandle(descriptor.Detach(), ownsHandle: true)) { ReceiveTimeout = PatienceMilliseconds, SendTimeout = PatienceMilliseconds };

    private static HandshakeOutcome Outcome(SealedStream stream, TlsRole role)
    {
        HashAlgorithmName hash = CipherSuiteInfo.For(stream.Suite).Hash;
        var keeper = new SessionKeeper13(new ClientSessionCache(8, TimeProvider.System), "scope", hash, new byte[stream.HashSize], [], credential: null);
        return new HandshakeOutcome
        {
            Role = role,
            Version = stream.Is13 ? TlsVersion.Tls13 : TlsVersion.Tls12,
            CipherSuite = stream.Suite,
            Group = 0,
            PeerChain = [],
            Secrets = new SessionSecrets13(hash, new byte[stream.HashSize], default),
            Sealer = stream.Sealer(),
            Opener = stream.Opener(),
            PostHandshake = stream.Is13 ? PostHandshake(role, keeper, hash) : new PostHandshake12(),
        };
    }

    private static PostHandshake13 PostHandshake(TlsRole role, SessionKeeper13 keeper, HashAlgorithmName hash)
    {
        var transcript = new PostHandshakeTranscript(new EngineHash(new Sha256Digest()), hash);
        return role == TlsRole.Client
            ? new PostHandshake13(isClient: true, keeper) { Client = new PostHandshakeClient(transcript) }
            : new PostHandshake13 { Server = new PostHandshakeServer(transcript, EngineProfile.For(new HandshakeSettings())) };
    }

    private sealed class Ending : ISessionEvents
    {
        private readonly TaskCompletionSource<SessionEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;

        internal int Calls => Volatile.Read(ref _calls);

        internal SessionEnd? Wait(int milliseconds) => _end.Task.Wait(milliseconds) ? _end.Task.Result : null;

        // A server that asks for a certificate is told that there is none.
        public void OnQuestion(SessionPump pump, HandshakeQuestion question) => pump.Answer(new CredentialAnswer([]));

        public void OnHandshakeDone(SessionPump pump, HandshakeOutcome outcome) => Interlocked.Increment(ref _calls);

        public void OnHandshakeFailed(SessionPump pump, HandshakeFault fault) => Interlocked.Increment(ref _calls);

        public void OnRenewalWanted(SessionPump pump) => Interlocked.Increment(ref _calls);

        public void OnRenewed(SessionPump pump, HandshakeOutcome outcome) => Interlocked.Increment(ref _calls);

        public void OnAuthenticated(SessionPump pump, PostHandshakeIdentity identity)
        {
        }

        public void OnRenewalRefused(SessionPump pump, RenewalRefusal refusal) => Interlocked.Increment(ref _calls);

        public void OnRenewalFailed(SessionPump pump, HandshakeFault fault) => Interlocked.Increment(ref _calls);

        public void OnEnded(SessionPump pump, SessionEnd end)
        {
            Interlocked.Increment(ref _calls);
            _end.TrySetResult(end);
        }
    }
}
