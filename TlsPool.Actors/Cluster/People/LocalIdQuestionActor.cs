using Akka.Actor;
using TlsPool.Actors.Connections;
using TlsPool.Actors.LocalIds;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Cluster.People;

/// <summary>One question to a program of this host: an actor of its own, so that its answer never passes for that to another question.</summary>
internal sealed class LocalIdQuestionActor : UntypedActor
{
    private readonly IActorRef _connection;
    private readonly IActorRef _asker;
    private readonly LocalIdProtocol.Question _question;
    private bool _answered;

    private LocalIdQuestionActor(IActorRef connection, IActorRef asker, LocalIdProtocol.Question question) =>
        (_connection, _asker, _question) = (connection, asker, question);

    /// <summary>Props of a question.</summary>
    /// <param name="connection">The program's connection.</param>
    /// <param name="asker">The arbiter's sequence, which gets the answer in the name of the parent.</param>
    /// <param name="question">The question.</param>
    internal static Props Props(IActorRef connection, IActorRef asker, LocalIdProtocol.Question question) =>
        ActorFactory<LocalIdQuestionActor>.Props(() => new LocalIdQuestionActor(connection, asker, question));

    protected override void PreStart()
    {
        Context.Watch(_asker);
        _connection.Tell(new ConnectionProtocol.SendCallback(_question.RequestId, Command.LidEntryCallback, _question.Body, Self));
    }

    protected override void PostStop()
    {
        if (!_answered)
            _connection.Tell(new ConnectionProtocol.WithdrawCallback(Self));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ConnectionProtocol.CallbackAnswered { Descriptor: { } descriptor }:
                descriptor.Dispose();
                End(new LocalIdProtocol.Unanswered(new PoolFault(PoolError.SuperfluousSocket)));
                break;
            case ConnectionProtocol.CallbackAnswered { Body: LidEntryMessage answer }:
                End(new LocalIdProtocol.Answered(answer));
                break;
            case ConnectionProtocol.CallbackRefused refused:
                End(new LocalIdProtocol.Unanswered(refused.Fault));
                break;
            case Terminated:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void End(object outcome)
    {
        _answered = true;
        _asker.Tell(outcome, Context.Parent);
        Context.Stop(Self);
    }
}
