using System.Globalization;
using System.Security.Cryptography;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Entry.PinProtocol;

namespace TlsPool.Actors.Entry;

/// <summary>
/// Brings tokens that want a PIN together with the one program that serves PINs (behaviour.md, "PINENTRY"). Tokens are asked about one after
/// the other: the next one once the one before has tried what was entered, and has no further question. PINs only pass through. There is one
/// for the host; or one for all nodes that share entry, where tokens and connections have others that stand for them.
/// </summary>
/// <remarks>
/// <code>
/// token       Ask ──► (waits) ──► Asked ──► Entered ──► Tried, or Ask again
///                        ▲  │                  ▲
/// connection           Offer └─► Question ─► Answer, at once the next offer
/// </code>
/// </remarks>
internal sealed partial class PinEntryActor : UntypedActor, IWithTimers
{
    /// <summary>A module may hang in a login: other tokens do not wait for it any longer.</summary>
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(30);

    private readonly ILogger _log;
    private readonly IAuditTrail _audit;
    private readonly EntryLock _lock;
    private readonly IEntryPeers? _peers;
    private readonly EntryBoard _board;
    private readonly List<Wish> _wishes = [];
    private IActorRef? _connection;
    private PeerCredentials _program;
    private OpenQuestion? _open;
    private IActorRef? _trying;
    // An answer may be to the question of one that was here before: numbers are not used again.
    private long _lastQuestion = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) >>> 2;
    private bool _ceased;

    private PinEntryActor(ILogger log, IAuditTrail audit, TimeProvider time, IEntryPeers? peers, EntryBoard board) =>
        (_log, _audit, _lock, _peers, _board) = (log, audit, new EntryLock(time), peers, board);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="log">Log of the facility PKCS11.</param>
    /// <param name="audit">Where programs that come and go are recorded.</param>
    /// <param name="time">Clock of the lock.</param>
    /// <param name="peers">The nodes that it serves; null for this host only.</param>
    /// <param name="board">Where others see what goes on; null for nowhere.</param>
    internal static Props Props(ILogger log, IAuditTrail audit, TimeProvider time, IEntryPeers? peers = null, EntryBoard? board = null) =>
        ActorFactory<PinEntryActor>.Props(() => new PinEntryActor(log, audit, time, peers, board ?? new EntryBoard()));

    protected override void PostStop()
    {
        _board.Pins = [];
        object end = _ceased ? AskAgain.Instance : new Refused("PIN entry has failed, see the log; the next session asks again");
        foreach (Wish wish in _wishes)
            wish.Token.Tell(end);
        _open?.Wish?.Token.Tell(end);
        // One that tries what was entered asks again by itself if that was wrong.
        if (!_ceased)
            _trying?.Tell(end);
        _open?.Connection.Tell(new Expire(_open.Number));
        if (_lock.OpenRequest is { } offer)
            _connection?.Tell(new OfferEnded(offer, new PoolFault(PoolError.ConnectionHandlerSetup, "PIN entry has begun anew: offer again")));
    }

    protected override void OnReceive(object message)
    {
        switch (_peers is null ? message : Admit(message))
        {
            case null:
                break;
            case Cease:
                _ceased = true;
                Context.Stop(Self);
                break;
            case Ask ask:
                Wants(ask);
                break;
            case Withdraw:
                Forget(Sender);
                break;
            case Tried when Sender.Equals(_trying):
            case TryTooLong:
                Go();
                break;
            case Tried:
                break;
            case Offer offer:
                Take(offer);
                break;
            case Answer answer:
                Take(answer);
                break;
            case Spoiled spoiled when _open?.Number == spoiled.Question:
                Again(Close());
                break;
            case TimeUp time when _open?.Number == time.Question:
                _log.LogWarning("{Program} has not entered a PIN in time: another program may", Name());
                RecordPin(_open.Wish, allowed: false, "not entered in time");
                TakeBack();
                Leave("did not answer in time");
                break;
            case Spoiled or TimeUp:
                break;
            case Resign resign:
                Release(resign.Connection, "resigned");
                break;
            case Terminated ended:
                Release(ended.ActorRef, "closed its connection");
                Forget(ended.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Wants(Ask ask)
    {
        Context.Watch(Sender);
        if (Sender.Equals(_open?.Wish?.Token))
            return;
        _wishes.RemoveAll(wish => wish.Token.Equals(Sender));
        // Who was just asked and entered a wrong PIN is asked again before anybody is asked about another token.
        bool again = Sender.Equals(_trying);
        _wishes.Insert(again ? 0 : _wishes.Count, new Wish(Sender, ask));
        if (again)
            Go();
        else
            Next();
    }

    private void Forget(IActorRef token)
    {
        Context.Unwatch(token);
        _wishes.RemoveAll(wish => wish.Token.Equals(token));
        // The person cannot be told that nobody waits any more: what is entered is thrown away.
        if (token.Equals(_open?.Wish?.Token))
            _open = _open with { Wish = null };
        if (token.Equals(_trying))
            Go();
    }

    private void Take(Offer offer)
    {
        if (!_lock.TryOffer(offer.Connection, offer.RequestId, offer.Timeout))
        {
            string why = $"{Name()} serves PINs already";
            _log.LogInformation("{Program} may not serve PINs: {Reason}", Name(offer), why);
            Record(offer.Program, offer.Connection, allowed: false, why);
            offer.Connection.Tell(new OfferDone(offer.RequestId, new PoolFault(PoolError.PinEntryNotVacant, why)));
            return;
        }
        offer.Connection.Tell(new OfferDone(offer.RequestId, null));
        if (_open is not null)
            TakeBack();
        if (!offer.Connection.Equals(_connection))
        {
            Leave("gave its place to another program");
            (_connection, _program) = (offer.Connection, offer.Program);
            Context.Watch(_connection);
            _log.LogInformation("{Program} serves PINs", Name());
            Record(_program, _connection, allowed: true, "serves PINs");
        }
        Next();
    }

    private void Take(Answer answer)
    {
        if (_open?.Number != answer.Question || !answer.Next.Connection.Equals(_open.Connection))
        {
            answer.Clear();
            _log.LogWarning("{Program} has answered too late: what was entered is not used", Name(answer.Next));
            Take(answer.Next);
            return;
        }
        Wish? wish = Close();
        _lock.TryOffer(answer.Next.Connection, answer.Next.RequestId, answer.Next.Timeout);
        answer.Next.Connection.Tell(new OfferDone(answer.Next.RequestId, null));
        if (wish is null)
        {
            answer.Clear();
        }
        else if (answer.Pin.Length == 0)
        {
            _log.LogWarning("the person at {Program} has refused to enter the PIN of token \"{Label}\"", Name(), wish.Ask.Label);
            RecordPin(wish, allowed: false, "refused by the person");
            wish.Token.Tell(new Refused($"the PIN of token \"{wish.Ask.Label}\" was refused by the person at {Name()}; the next session asks again"));
        }
        else
        {
            _trying = wish.Token;
            RecordPin(wish, allowed: true, "entered");
            Timers.StartSingleTimer(TryTooLong.Instance, TryTooLong.Instance, LongestTry);
            wish.Token.Tell(new Entered(answer.Pin, _program) { IsSealed = answer.IsSealed });
        }
        Next();
    }

    /// <summary>Asks the program about the next token, if it may be asked.</summary>
    private void Next()
    {
        if (_open is not null || _trying is not null || _wishes.Count == 0 || _lock.TryAsk() is not { } offer)
            return;
        Wish wish = _wishes[0];
        _wishes.RemoveAt(0);
        _open = new OpenQuestion(wish, offer.Connection, ++_lastQuestion);
        Ask ask = wish.Ask;
        var body = new PinEntryMessage(0, ask.Attempt, 0, [], ask.Prompt, ask.Manufacturer, ask.Model, ask.Serial, ask.Label);
        RecordPin(wish, allowed: true, string.Create(CultureInfo.InvariantCulture, $"asked for, after {ask.Attempt} wrong ones"));
        offer.Connection.Tell(new Question(offer.RequestId, body, _open.Number) { Token = wish.Token });
        wish.Token.Tell(Asked.Instance);
        if (_lock.Remaining is var left && left > TimeSpan.Zero)
            Timers.StartSingleTimer(nameof(TimeUp), new TimeUp(_open.Number), left);
    }

    /// <summary>What was entered has been tried.</summary>
    private void Go()
    {
        _trying = null;
        Timers.Cancel(TryTooLong.Instance);
        Next();
    }

    private Wish? Close()
    {
        Wish? wish = _open!.Wish;
        _open = null;
        Timers.Cancel(nameof(TimeUp));
        return wish;
    }

    private void TakeBack()
    {
        _open!.Connection.Tell(new Expire(_open.Number));
        Again(Close());
    }

    private void Again(Wish? wish)
    {
        if (wish is not null)
            _wishes.Insert(0, wish);
    }

    private void Release(IActorRef connection, string why)
    {
        if (_open is { } open && connection.Equals(open.Connection))
            Again(Close());
        _lock.Release(connection);
        if (connection.Equals(_connection))
            Leave(why);
    }

    private void Leave(string why)
    {
        if (_connection is null)
            return;
        _log.LogInformation("{Program} serves no PINs any more: it {Reason}", Name(), why);
        Record(_program, _connection, allowed: true, $"serves no PINs any more: it {why}");
        Context.Unwatch(_connection);
        _connection = null;
    }

    private sealed record Wish(IActorRef Token, Ask Ask);

    private sealed record OpenQuestion(Wish? Wish, IActorRef Connection, long Number);

    private sealed record TimeUp(long Question);

    private sealed record TryTooLong
    {
        internal static TryTooLong Instance { get; } = new();
    }
}
