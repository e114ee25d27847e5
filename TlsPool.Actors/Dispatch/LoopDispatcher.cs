using Akka.Actor;
using Akka.Dispatch;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Dispatch;

/// <summary>
/// Runs actors on the event loops: a message that a loop causes is handled by that loop, after the events at hand, without waking another
/// thread. Only for actors that never block. Measured: half the context switches of a session's setup.
/// </summary>
internal sealed class LoopDispatcher : MessageDispatcherConfigurator
{
    /// <summary>Messages that an actor handles before others of its loop get their turn.</summary>
    private const int Throughput = 30;

    private readonly Dispatcher _dispatcher;

    private LoopDispatcher(ActorSystem system, EventLoopGroup loops)
        : base(system.Dispatchers.DefaultDispatcherConfig, system.Dispatchers.Prerequisites) =>
        _dispatcher = new Dispatcher(
            this, Name, Throughput, throughputDeadlineTime: null, new Factory(loops), shutdownTimeout: TimeSpan.FromSeconds(1));

    /// <summary>The dispatcher's name in <see cref="Props.WithDispatcher"/>.</summary>
    internal static string Name => "tlspool.loops";

    /// <summary>Makes the dispatcher known to a system; once, before the first actor that uses it.</summary>
    internal static void Register(ActorSystem system, EventLoopGroup loops) =>
        system.Dispatchers.RegisterConfigurator(Name, new LoopDispatcher(system, loops));

    public override MessageDispatcher Dispatcher() => _dispatcher;

    private sealed class Factory(EventLoopGroup loops) : ExecutorServiceFactory
    {
        public override ExecutorService Produce(string id) => new LoopExecutor(id, loops);
    }

    private sealed class LoopExecutor(string id, EventLoopGroup loops) : ExecutorService(id)
    {
        private static readonly Action<object> RunMailbox = mailbox => ((IRunnable)mailbox).Run();

        public override void Execute(IRunnable run)
        {
            EventLoop loop = EventLoop.Current is { } current && loops.All.Contains(current) ? current : loops.Next();
            // Loops that have stopped leave the last farewells to the thread pool.
            if (!loop.Post(RunMailbox, run))
                ThreadPool.UnsafeQueueUserWorkItem(RunMailbox, run, preferLocal: false);
        }

        public override void Shutdown()
        {
            // The loops belong to the host.
        }
    }
}
