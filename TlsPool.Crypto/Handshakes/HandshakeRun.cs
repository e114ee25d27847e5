using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// What all runs of one handshake share: the orders, the questions with their answers in sequence, and everything that has to come out the
/// same when the input is replayed.
/// </summary>
internal sealed class HandshakeRun(HandshakeSettings settings, HandshakeRequest request, IHandshakeAnswers answers)
{
    /// <summary>A client that offers more is not resuming.</summary>
    private const int MaxOfferedTickets = 4;

    private readonly List<HandshakeAnswer> _answers = [];
    private int _next;
    private byte[]? _ticket12;
    private List<ServerTicket>? _openedTickets;
    private ClientSession? _clientSession;
    private bool _clientSessionTried;
    private uint? _ticketAge;
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);
    private readonly List<IDisposable> _ciphers = [];

    internal HandshakeSettings Settings { get; } = settings;

    internal HandshakeRequest Request { get; } = request;

    internal EngineProfile Profile { get; } = EngineProfile.For(settings);

    internal HandshakeTape Tape { get; } = new();

    /// <summary>The session that is renegotiated; null in a first handshake.</summary>
    internal RenegotiationInfo? Renegotiation { get; } = RenegotiationInfo.Of(request);

    /// <summary>The question nobody could answer at once; the run that asked it is void.</summary>
    internal HandshakeQuestion? Pending { get; private set; }

    /// <summary>Why this side ended the handshake, in words; null if the engine did.</summary>
    internal string? Refusal { get; private set; }

    /// <summary>The outcome, once the handshake is complete.</summary>
    internal HandshakeOutcome? Outcome { get; set; }

    /// <summary>Set on a server whose client announced early data.</summary>
    internal EarlyDataFilter? EarlyData { get; set; }

    /// <summary>Prepares another run on the same input.</summary>
    internal void Rewind()
    {
        _next = 0;
        Pending = null;
        Refusal = null;
        Outcome = null;
        Tape.Rewind();
    }

    /// <summary>Takes the answer to the pending question.</summary>
    internal void Answer(HandshakeAnswer answer) => _answers.Add(answer);

    /// <summary>Asks, or repeats an earlier answer. Throws to suspend, or to end the handshake with a refusal's alert.</summary>
    internal T Ask<T>(HandshakeQuestion question)
        where T : HandshakeAnswer
    {
        if (_next == _answers.Count)
        {
            if (answers.TryAnswer(question) is not { } answer)
            {
                Pending = question;
                throw new HandshakeSuspendedException();
            }
            _answers.Add(answer);
        }
        switch (_answers[_next++])
        {
            case T wanted:
                return wanted;
            case RefusalAnswer refusal:
                throw Refuse(refusal.Alert, refusal.Reason);
            default:
                throw Refuse(AlertCode.InternalError, "a question of the handshake got an answer of another kind");
        }
    }

    /// <summary>The exception that ends the handshake with an alert, and notes why.</summary>
    internal TlsFatalAlert Refuse(AlertCode alert, string reason)
    {
        Refusal = reason;
        return new TlsFatalAlert((short)alert);
    }

    /// <summary>Picks the first credential that fits the peer; null if there is none to pick from, or a client has none that fits.</summary>
    internal CredentialSigner? Pick(
        TlsContext context, CredentialQuestion question, IReadOnlyList<Credential> credentials, Func<int, bool> usable)
    {
        foreach (Credential credential in credentials)
            foreach (int scheme in credential.SignatureSchemes)
                if (question.PeerSchemes.Contains(scheme) && usable(scheme))
                    return new CredentialSigner(this, context, credential, scheme);
        return credentials.Count == 0 || question.Role == TlsRole.Client
            ? null
            : throw Refuse(AlertCode.HandshakeFailure, "the peer accepts no signature that a credential of this identity can make");
    }

    /// <summary>Asks for the verdict on the peer, unless it is not wanted or there is nothing to judge.</summary>
    internal void Judge(IReadOnlyList<ReadOnlyMemory<byte>> chain, ReadOnlyMemory<byte> ocspStaple, bool resumed, bool is13)
    {
        if (Request.PeerAuthentication == PeerAuthentication.Ignore)
            return;
        if (chain.Count > 0)
            _ = Ask<PeerAcceptedAnswer>(new PeerQuestion(Request.Role, chain, ocspStaple, resumed));
        else if (Request.PeerAuthentication == PeerAuthentication.Demand)
            throw Refuse(
                is13 ? AlertCode.CertificateRequired : AlertCode.HandshakeFailure,
                "the peer showed no certificate, and one is demanded");
    }

    /// <summary>Seals the ticket of a TLS 1.2 session, once for all runs: it is part of the transcript.</summary>
    internal byte[] SealTicket12(ServerTicket state) => _ticket12 ??= Settings.Tickets!.Seal(state.Encode());

    /// <summary>Opens the tickets that a client offered, once for all runs: a second use would fail.</summary>
    internal IReadOnlyList<ServerTicket> OpenTickets(IEnumerable<byte[]> offered, TlsVersion version)
    {
        if (_openedTickets is not null)
            return _openedTickets;
        _openedTickets = [];
        if (Settings.Tickets is not { } tickets || Request.ResumptionScope is null)
            return _openedTickets;
        foreach (byte[] ticket in offered.Take(MaxOfferedTickets))
        {
            byte[]? state = tickets.TryOpen(ticket, singleUse: version == TlsVersion.Tls13);
            if (state is null)
                continue;
            if (ServerTicket.TryDecode(state) is { } opened && opened.Version == version && opened.Scope == Request.ResumptionScope)
                _openedTickets.Add(opened with { Ticket = ticket });
            CryptographicOperations.ZeroMemory(state);
        }
        return _openedTickets;
    }

    /// <summary>Takes a session to resume, once for all runs, if policy and the own identity still allow it.</summary>
    internal ClientSession? TakeClientSession()
    {
        if (!_clientSessionTried)
        {
            _clientSessionTried = true;
            if (Settings.ClientSessions is not null && Request.ResumptionScope is { } scope)
                _clientSession = Settings.ClientSessions.Take(scope);
        }
        return _clientSession is { } session && Profile.Speaks(session) && StillHas(session) ? session : null;
    }

    /// <summary>The obfuscated ticket age (RFC 8446 section 4.2.11.1), the same in all runs.</summary>
    internal uint TicketAge(Func<uint> age) => _ticketAge ??= age();

    /// <summary>Writes to the key log if there is one, once for all runs.</summary>
    internal void LogSecret(string label, ReadOnlySpan<byte> clientRandom, Func<byte[]> secret)
    {
        if (Settings.KeyLog is { } log && _logged.Add(label))
            log.Write(label, clientRandom, secret());
    }

    /// <summary>Takes over keys that are cleared when the handshake is dropped.</summary>
    internal void Own(IDisposable cipher) => _ciphers.Add(cipher);

    /// <summary>Clears what is secret.</summary>
    internal void Clear()
    {
        Tape.Clear();
        foreach (IDisposable cipher in _ciphers)
            cipher.Dispose();
        _ciphers.Clear();
    }

    // The resumed session would show an identity that may have been taken away since.
    private bool StillHas(ClientSession session)
    {
        if ((session as IResumedCredential)?.Credential is not { } shown)
            return true;
        IReadOnlyList<Credential> credentials = Ask<CredentialAnswer>(new CredentialQuestion(Request.Role, session.Version, null, [], [])).Credentials;
        return credentials.Any(credential => credential.Fingerprint.Span.SequenceEqual(shown.Fingerprint.Span));
    }
}
