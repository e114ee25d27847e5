using System.Security.Cryptography;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using static TlsPool.Actors.Cluster.People.EntryProtocol;
using static TlsPool.Actors.Entry.PinProtocol;

namespace TlsPool.Actors.Cluster.People;

/// <summary>Stands for a token of this host: asks the arbiter in its place, and opens the PIN that comes back. Only this node can.</summary>
internal sealed class PinTokenStandInActor : UntypedActor
{
    private readonly EntryEnds _ends;
    private readonly ILogger _log;
    private Ask? _wish;
    private ECDiffieHellman? _key;
    private string? _programNode;

    private PinTokenStandInActor(EntryEnds ends, ILogger log) => (_ends, _log) = (ends, log);

    /// <summary>Props of a token's stand-in.</summary>
    internal static Props Props(EntryEnds ends, ILogger log) => ActorFactory<PinTokenStandInActor>.Props(() => new PinTokenStandInActor(ends, log));

    protected override void PreStart() => Context.Watch(_ends.Local);

    protected override void PostStop()
    {
        Forget();
        if (_wish is not null)
            _ends.Local.Tell(AskAgain.Instance);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Passed { Message: Ask ask }:
                _wish = ask;
                Forget();
                _ends.Arbiter.Tell(ask, Self);
                break;
            case Passed { Message: IPinEntryMessage said and (Withdraw or Tried) }:
                Conclude(said);
                break;
            case Tried tried when Sender.Equals(_ends.Local):
                Conclude(tried);
                break;
            case Terminated:
                _wish = null;
                Context.Stop(Self);
                break;
            case PinKeys.Wanted when _wish is not null && _ends.Peers.NodeOf(Sender) is { } node:
                Forget();
                (_key, _programNode) = (SealedPin.NewKey(), node);
                Sender.Tell(new PinKeys.Given(SealedPin.PublicOf(_key)));
                break;
            case Asked when _wish is not null && _ends.IsArbiter(Sender):
                _ends.Local.Tell(message);
                break;
            case Refused or AskAgain when _wish is not null && _ends.IsArbiter(Sender):
                _wish = null;
                Forget();
                _ends.Local.Tell(message);
                break;
            case Entered entered when _ends.IsArbiter(Sender):
                Open(entered);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Conclude(IPinEntryMessage said)
    {
        _wish = null;
        Forget();
        _ends.Arbiter.Tell(said, Self);
    }

    private void Open(Entered entered)
    {
        byte[]? pin = _wish is { } wish && _key is not null && _ends.Peers.NodeOf(Self) is { } own
            ? SealedPin.TryOpen(entered.Pin, _key, new PinContext(own, _programNode!, wish.Label, entered.By))
            : null;
        string node = _programNode ?? "another node";
        Forget();
        if (_wish is null)
        {
            // The token has what it wants by now.
            _ends.Arbiter.Tell(Tried.Instance, Self);
            return;
        }
        string label = _wish.Label;
        _wish = null;
        if (pin is not null)
        {
            _ends.Local.Tell(new Entered(pin, entered.By) { Node = node });
            return;
        }
        _log.LogError("what was entered at {Node} for token \"{Label}\" was not meant for it, and is not used", node, label);
        _ends.Arbiter.Tell(Tried.Instance, Self);
        _ends.Local.Tell(new Refused($"the PIN of token \"{label}\" came in a form that cannot be read; the next session asks again"));
    }

    private void Forget()
    {
        _key?.Dispose();
        (_key, _programNode) = (null, null);
    }
}
