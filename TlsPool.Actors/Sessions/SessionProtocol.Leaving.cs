using Akka.Actor;

namespace TlsPool.Actors.Sessions;

/// <content>Connections that go to a successor.</content>
public static partial class SessionProtocol
{
    /// <summary>To the registry: may this connection go elsewhere? Answered by <see cref="Freedom"/>, to the connection.</summary>
    internal sealed record CheckFree(IActorRef Connection);

    /// <summary>Whether no session here belongs to the connection that asked: neither one that it controls nor one that it has detached.</summary>
    internal sealed record Freedom(bool IsFree);
}
