using System.Security.Cryptography;
using System.Text;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Cluster.People.EntryProtocol;
using static TlsPool.Actors.Entry.PinProtocol;

namespace TlsPool.Actors.Cluster.People;

/// <summary>
/// Stands for the connection of a program that serves PINs at this host: offers in its place, shows the person which host wants the PIN, and
/// seals what is entered for that host.
/// </summary>
internal sealed class PinConnectionStandInActor : UntypedActor, IWithTimers
{
    private const int LongestPrompt = 127;
    private static readonly TimeSpan KeyLimit = TimeSpan.FromSeconds(5);
    private static readonly PoolFault Moved = new(PoolError.ConnectionHandlerSetup, "the cluster has changed: offer again");

    private readonly EntryEnds _ends;
    private readonly ILogger _log;
    private readonly HashSet<ushort> _pending = [];
    private ushort? _offer;
    private Question? _question;
    private byte[]? _key;

    private PinConnectionStandInActor(EntryEnds ends, ILogger log) => (_ends, _log) = (ends, log);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of a connection's stand-in.</summary>
    internal static Props Props(EntryEnds ends, ILogger log) =>
        ActorFactory<PinConnectionStandInActor>.Props(() => new PinConnectionStandInActor(ends, log));

    protected override void PreStart() => Context.Watch(_ends.Local);

    protected override void PostStop()
    {
        foreach (ushort request in _pending)
            _ends.Local.Tell(new OfferDone(request, Moved));
        if (_offer is { } offer)
            _ends.Local.Tell(new OfferEnded(offer, Moved));
        EndQuestion();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Passed { Message: Offer offer }:
                Pass(offer);
                break;
            case Passed { Message: Answer answer }:
                Pass(answer);
                break;
            case Passed { Message: Spoiled spoiled }:
                if (spoiled.Question == _question?.Number)
                    _question = null;
                _ends.Arbiter.Tell(spoiled, Self);
                break;
            case Passed { Message: Resign }:
                _question = null;
                _ends.Arbiter.Tell(new Resign(Self), Self);
                break;
            case Terminated:
                Context.Stop(Self);
                break;
            case PinKeys.Given given when _question is not null && _key is null && Sender.Equals(_question.Token):
                Show(given.Key);
                break;
            case NoKey late when late.Question == _question?.Number && _key is null:
                Give();
                break;
            case NoKey:
                break;
            case var _ when !_ends.IsArbiter(Sender):
                Unhandled(message);
                break;
            case OfferDone done when _pending.Remove(done.RequestId):
                if (done.Fault is null)
                    _offer = done.RequestId;
                _ends.Local.Tell(done);
                break;
            case OfferEnded ended when ended.RequestId == _offer:
                _offer = null;
                _ends.Local.Tell(ended);
                break;
            case Question question when question.RequestId == _offer:
                Take(question);
                break;
            case Expire expire when expire.Number == _question?.Number:
                EndQuestion();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Pass(Offer offer)
    {
        _pending.Add(offer.RequestId);
        _ends.Arbiter.Tell(offer with { Connection = Self }, Self);
    }

    private void Pass(Answer answer)
    {
        if (answer.Question != _question?.Number || _key is null)
        {
            // Nobody waits for it: its program is there all the same.
            answer.Clear();
            Pass(answer.Next);
            return;
        }
        byte[] sealedPin = [];
        try
        {
            if (answer.Pin.Length > 0)
                sealedPin = SealedPin.Seal(answer.Pin, _key, ContextOf(_question, answer.Next));
        }
        catch (CryptographicException)
        {
            // An empty one would be a refusal; this is none of the person's.
            _log.LogError("node {Node} has sent a key for PINs that is none", NodeOf(_question));
            sealedPin = new byte[SealedPin.Size];
        }
        finally
        {
            answer.Clear();
        }
        (_question, _key) = (null, null);
        _pending.Add(answer.Next.RequestId);
        _ends.Arbiter.Tell(new Answer(answer.Next with { Connection = Self }, answer.Question, sealedPin) { IsSealed = true }, Self);
    }

    /// <summary>The token's node says for itself which key to use.</summary>
    private void Take(Question question)
    {
        EndQuestion();
        (_offer, _question, _key) = (null, question, null);
        if (_ends.Peers.NodeOf(question.Token) is null)
        {
            Give();
            return;
        }
        Timers.StartSingleTimer(nameof(NoKey), new NoKey(question.Number), KeyLimit);
        question.Token.Tell(PinKeys.Wanted.Instance, Self);
    }

    private void Show(byte[] key)
    {
        Question question = _question!;
        _key = key;
        _ends.Local.Tell(question with { Body = question.Body with { Prompt = Prompt(question) } });
    }

    /// <summary>The token's node does not answer this one: a program at another node may be luckier.</summary>
    private void Give()
    {
        _log.LogWarning("the node of token \"{Label}\" is not reached: no PIN is asked for", _question!.Body.TokenLabel);
        EndQuestion();
        _ends.Arbiter.Tell(new Resign(Self), Self);
    }

    private void EndQuestion()
    {
        if (_question is not { } question)
            return;
        // What its program has not seen it cannot answer.
        _ends.Local.Tell(_key is null ? new OfferEnded(question.RequestId, Moved) : new Expire(question.Number));
        (_question, _key) = (null, null);
    }

    /// <summary>The person has to know whose PIN is wanted: the host is the last thing to leave out.</summary>
    private string Prompt(Question question)
    {
        string node = NodeOf(question);
        if (node == _ends.Peers.NodeOf(Self))
            return question.Body.Prompt;
        string full = $"{question.Body.Prompt} at {node}";
        return Encoding.UTF8.GetByteCount(full) <= LongestPrompt ? full : $"PIN for {node}: {question.Body.TokenLabel}";
    }

    private PinContext ContextOf(Question question, Offer by) =>
        new(NodeOf(question), _ends.Peers.NodeOf(Self) ?? "", question.Body.TokenLabel, by.Program);

    private string NodeOf(Question question) => _ends.Peers.NodeOf(question.Token) ?? "";

    private sealed record NoKey(long Question);
}
