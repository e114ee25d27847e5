using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace TlsPool.Actors.Dispatch;

/// <summary>An unbounded mailbox that is small while it is empty, for actors that mostly wait: Akka's own keeps room for 32 messages.</summary>
/// <param name="settings">Akka's settings.</param>
/// <param name="config">The section that names this type.</param>
public sealed class LeanMailbox(Settings settings, Config config) : MailboxType(settings, config), IProducesMessageQueue<LeanMessageQueue>
{
    /// <summary>The name in <see cref="Props.WithMailbox"/>.</summary>
    internal static string Name => "tlspool.lean-mailbox";

    /// <summary>What the system's configuration has to say about it.</summary>
    internal static string Hocon => $"{Name} {{ mailbox-type = \"{typeof(LeanMailbox).FullName}, {typeof(LeanMailbox).Assembly.GetName().Name}\" }}";

    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new LeanMessageQueue();
}
