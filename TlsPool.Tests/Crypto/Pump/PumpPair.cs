using System.Net.Sockets;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;
using TlsPool.Tests.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Pump;

/// <summary>Two pumps with a session between them; the test is the application on both ends.</summary>
internal sealed class PumpPair : IDisposable
{
    private static readonly Lazy<TestIdentity> Identity = new(() => TestIdentity.Ecdsa());
    private static readonly Lazy<TestIdentity> User = new(() => TestIdentity.Ecdsa("user@client.example"));

    private readonly EventLoop _loop = new("pump pair");

    internal PumpPair(HandshakeSettings settings, bool later = false, bool authenticatesLater = false, byte[]? early = null)
    {
        var server = new TestAnswers(Identity.Value, later);
        var client = new TestAnswers(User.Value, later);
        MachinePair pair = new MachinePair(settings, server, settings, client, authenticatesLater: authenticatesLater, precursor: early is not null).Run();
        (SafeDescriptor serverSide, SafeDescriptor clientSide) = SocketPair.Create();
        if (early is { Length: > 0 })
            SendEarly(clientSide, pair.Client.Outcome!.Sealer, early);
        Server = new End(_loop, serverSide, pair.Server.Outcome!, settings, server);
        Client = new End(_loop, clientSide, pair.Client.Outcome!, settings, client);
    }

    internal End Server { get; }

    internal End Client { get; }

    private static void SendEarly(SafeDescriptor ciphertext, RecordSealer sealer, byte[] early)
    {
        byte[] record = new byte[RecordSealer.HeaderSize + sealer.PrefixSize + early.Length + sealer.SuffixSize];
        early.CopyTo(record, RecordSealer.HeaderSize + sealer.PrefixSize);
        int size = sealer.Seal(record, early.Length, ContentType.ApplicationData);
        using var socket = new Socket(new SafeSocketHandle(ciphertext.Number, ownsHandle: false));
        PumpedSession.SendAll(socket, record.AsSpan(0, size));
    }

    public void Dispose()
    {
        Server.Dispose();
        Client.Dispose();
        _loop.Dispose();
    }

    /// <summary>One of the two, with everything that was told about it.</summary>
    internal sealed class End : ISessionEvents, IHandshakeAnswers, IDisposable
    {
        private readonly HandshakeSettings _settings;
        private readonly TestAnswers _answers;
        private readonly TaskCompletionSource<SessionEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<string> _told = [];
        private SessionSecrets _secrets;
        private SafeDescriptor? _waiting;

        internal End(EventLoop loop, SafeDescriptor ciphertext, HandshakeOutcome outcome, HandshakeSettings settings, TestAnswers answers)
        {
            (_settings, _answers, Outcome, _secrets) = (settings, answers, outcome, outcome.Secrets);
            (SafeDescriptor plaintext, SafeDescriptor application) = SocketPair.Create();
            Application = new Socket(new SafeSocketHandle(application.Detach(), ownsHandle: true))
            {
                ReceiveTimeout = PumpedSession.Patience,
                SendTimeout = PumpedSession.Patience,
            };
            Pump = SessionPump.Adopt(loop, ciphertext, outcome, this, maxEarly: 1000);
            if (outcome.IsAnonymous)
                _waiting = plaintext;
            else
                Pump.Attach(plaintext);
        }

        internal SessionPump Pump { get; }

        internal Socket Application { get; }

        /// <summary>The last handshake.</summary>
        internal HandshakeOutcome Outcome { get; private set; }

        /// <summary>What this end does about the peer's wishes.</summary>
        internal bool Refuses { get; set; }

        /// <summary>Neither agrees nor refuses.</summary>
        internal bool Hesitates { get; set; }

        /// <summary>What this end asks of the peer in a renewal.</summary>
        internal PeerAuthentication Asks { get; set; } = PeerAuthentication.Ignore;

        /// <summary>The session that it believes to renew; null for the right one.</summary>
        internal SessionSecrets? Remembers { get; set; }

        /// <summary>Lets no peer pass.</summary>
        internal bool Rejects { get; set; }

        /// <summary>The last authentication after the handshake.</summary>
        internal PostHandshakeIdentity? Authenticated { get; private set; }

        /// <summary>Who answers this end's questions.</summary>
        internal TestAnswers Answers => _answers;

        /// <summary>Renewals that are complete.</summary>
        internal int Renewals => Count("renewed");

        internal int Count(string what)
        {
            lock (_told)
                return _told.Count(told => told.StartsWith(what, StringComparison.Ordinal));
        }

        internal string Told
        {
            get
            {
                lock (_told)
                    return string.Join(", ", _told);
            }
        }

        internal SessionEnd WaitForEnd() => _end.Task.Wait(PumpedSession.Patience) ? _end.Task.Result : throw new TimeoutException(Told);

        internal void Renegotiate() => Pump.Renegotiate(Machine());

        internal HandshakeMachine Machine(SessionSecrets? secrets = null) => new(
            _settings,
            new HandshakeRequest(Outcome.Role, Asks, Outcome.Role == TlsRole.Client ? "localhost" : null, [], null) { Renews = secrets ?? Remembers ?? _secrets },
            this);

        public HandshakeAnswer? TryAnswer(HandshakeQuestion question) => Rejects && question is PeerQuestion
            ? new RefusalAnswer(AlertCode.AccessDenied, "nobody may pass")
            : _answers.TryAnswer(question);

        public void OnQuestion(SessionPump pump, HandshakeQuestion question)
        {
            Tell("asked");
            if (!Hesitates)
                pump.Answer(TryAnswer(question) ?? _answers.Answer(question));
        }

        public void OnHandshakeDone(SessionPump pump, HandshakeOutcome outcome) => Tell("handshake");

        public void OnHandshakeFailed(SessionPump pump, HandshakeFault fault) => Tell("handshake failed");

        public void OnRenewalWanted(SessionPump pump)
        {
            Tell("wanted");
            if (Refuses)
                pump.RefuseRenegotiation();
            else if (!Hesitates)
                Renegotiate();
        }

        public void OnRenewed(SessionPump pump, HandshakeOutcome outcome)
        {
            (Outcome, _secrets) = (outcome, outcome.Secrets);
            if (_waiting is not null)
                pump.Attach(_waiting);
            _waiting = null;
            Tell("renewed");
        }

        public void OnAuthenticated(SessionPump pump, PostHandshakeIdentity identity)
        {
            Authenticated = identity;
            Tell("authenticated");
        }

        public void OnRenewalRefused(SessionPump pump, RenewalRefusal refusal) => Tell($"refused {refusal}");

        public void OnRenewalFailed(SessionPump pump, HandshakeFault fault) => Tell($"failed {fault.Alert}");

        public void OnEnded(SessionPump pump, SessionEnd end)
        {
            Tell($"ended {end.Reason}");
            _end.TrySetResult(end);
        }

        public void Dispose()
        {
            Pump.Close(AlertCode.CloseNotify);
            Application.Dispose();
        }

        private void Tell(string what)
        {
            lock (_told)
                _told.Add(what);
        }
    }
}
