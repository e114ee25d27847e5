using Akka.Actor;
using TlsPool.Actors.Audit;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Entry.PinProtocol;

namespace TlsPool.Actors.Entry;

/// <content>Whom it serves, and what is recorded of them.</content>
internal sealed partial class PinEntryActor
{
    /// <summary>Actors of other nodes say nothing but who they are: whoever sends is the token or the connection.</summary>
    /// <returns>The message with its sender in it; null for one of a node that does not share entry.</returns>
    private object? Admit(object message) => message switch
    {
        IPinEntryMessage when _peers!.NodeOf(Sender) is null => null,
        Offer offer => offer with { Connection = Sender },
        Answer answer => answer with { Next = answer.Next with { Connection = Sender } },
        Resign => new Resign(Sender),
        _ => message,
    };

    private void Record(PeerCredentials program, IActorRef connection, bool allowed, string reason) =>
        _audit.Record(new AuditEvent(AuditKind.EntryProgram, allowed, $"{reason}{At(connection)}") { Application = program, Use = "PIN entry" });

    private void RecordPin(Wish? wish, bool allowed, string what)
    {
        string which = _peers is null || wish is null ? "" : $", for the token{At(wish.Token)}";
        string where = _connection is null ? "" : At(_connection);
        _audit.Record(new AuditEvent(AuditKind.PinEntry, allowed, $"PIN {what}{where}{which}") { Application = _program, Token = wish?.Ask.Label ?? "" });
    }

    private string Name() => _connection is null ? "nobody" : Name(_program, _connection);

    private string Name(Offer offer) => Name(offer.Program, offer.Connection);

    private string Name(PeerCredentials program, IActorRef connection) =>
        FormattableString.Invariant($"process {program.ProcessId} of uid {program.UserId}{At(connection)}");

    private string At(IActorRef actor) => _peers is null ? "" : $" at {_peers.NodeOf(actor) ?? "a node that is gone"}";
}
