using Akka.Actor;

namespace TlsPool.Actors.Sessions;

/// <content>Connections that have to stay with the sessions of this process.</content>
public sealed partial class SessionRegistry
{
    // Many connections ask one after the other, so the answer is kept until it changes.
    private HashSet<IActorRef>? _holders;

    private HashSet<IActorRef> Holders => _holders ??= [.. _bySession.Values.Select(entry => entry.Holder)];
}
