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
    private readonly List<HandshakeAnswer> _answers = [];
    private int _next;
    private byte[]? _ticket12;
    private ServerTicket? _openedTicket;
    private bool _ticketTried;
    private ClientSession? _clientSession;
    private bool _clientSessionTried;
    private uint? _ticketAge;

    internal HandshakeSettings Settings { get; } = settings;

    internal HandshakeRequest Request { get; } = request;

    internal EngineProfile Profile { get; } = EngineProfile.For(settings);

    internal HandshakeTape Tape { get; } = new();

    /// <summary>The question nobody could answer at once; the run that asked it is void.</summary>
    internal HandshakeQuestion? Pending { get; private set; }

    /// <summary>Why this side ended the handshake, in words; null if the engine did.</summary>
    internal string? Refusal { get; private set; }

    /// <summary>The outcome, once the handshake is complete.</summary>
    internal HandshakeOutcome? Outcome { get; set; }

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

    /// <summary>Asks for credentials and picks the first that fits the peer.</summary>
    internal CredentialSigner? ChooseCredential(TlsContext context, CredentialQuestion question, Func<int, bool> usable)
    {
        IReadOnlyList<Credential> credentials = Ask<CredentialAnswer>(question).Credentials;
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
    internal byte[] SealTicket12(Func<ServerTicket> state) => _ticket12 ??= Settings.Tickets!.Seal(state().Encode());

    /// <summary>Opens a ticket that a client offered, once for all runs: a second use would fail.</summary>
    internal ServerTicket? OpenTicket(IEnumerable<byte[]> offered, TlsVersion version, string? serverName)
    {
        if (_ticketTried)
            return _openedTicket;
        _ticketTried = true;
        if (Settings.Tickets is null || Request.ResumptionScope is null)
            return null;
        // A client that offers more than a few is not resuming.
        foreach (byte[] ticket in offered.Take(4))
        {
            byte[]? state = Settings.Tickets.TryOpen(ticket, singleUse: version == TlsVersion.Tls13);
            if (state is null)
                continue;
            ServerTicket? opened = ServerTicket.TryDecode(state);
            if (opened is not null
                && opened.Version == version
                && opened.Scope == Request.ResumptionScope
                && opened.ServerName == (serverName ?? ""))
            {
                _openedTicket = opened with { Ticket = ticket };
                break;
            }
        }
        return _openedTicket;
    }

    /// <summary>Takes a session to resume, once for all runs.</summary>
    internal ClientSession? TakeClientSession()
    {
        if (_clientSessionTried)
            return _clientSession;
        _clientSessionTried = true;
        if (Settings.ClientSessions is not null && Request.ResumptionScope is { } scope)
            _clientSession = Settings.ClientSessions.Take(scope);
        return _clientSession;
    }

    /// <summary>The obfuscated ticket age (RFC 8446 section 4.2.11.1), the same in all runs.</summary>
    internal uint TicketAge(Func<uint> age) => _ticketAge ??= age();
}
