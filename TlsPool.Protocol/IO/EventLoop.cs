using System.Diagnostics;
using System.Runtime.InteropServices;
using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.IO;

/// <summary>
/// One thread around one epoll instance: edge-triggered, run to completion, one scratch area for all of its handlers
/// (design/performance.md). Descriptors are never made non-blocking: their description is shared with the application;
/// system calls carry MSG_DONTWAIT instead.
/// </summary>
public sealed unsafe class EventLoop : IDisposable
{
    /// <summary>Size of <see cref="Scratch"/>: room for 17 records of the largest size.</summary>
    public const int ScratchSize = 17 * (16384 + 256);

    private const int MaxEvents = 256;

    [ThreadStatic]
    private static EventLoop? t_current;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte* _scratch;
    private readonly Thread _thread;
    private readonly bool _resumesAwaits;
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Timer, long> _timers = new();
    private List<Posted> _posted = [];
    private List<Posted> _running = [];
    private Slot[] _slots = new Slot[1024];
    private uint _generation;
    private bool _wakePending;
    private bool _stopping;

    /// <summary>Starts the loop's thread.</summary>
    /// <param name="name">Name of the thread.</param>
    /// <param name="resumesAwaits">
    /// Code that awaits on the loop's thread goes on there. All of it has to be as short as a handler: it must never block.
    /// </param>
    /// <exception cref="IOException">The kernel gives no epoll instance: out of descriptors.</exception>
    public EventLoop(string name, bool resumesAwaits = false)
    {
        _resumesAwaits = resumesAwaits;
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        _wake = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (_epoll < 0 || _wake < 0)
            throw new IOException("no descriptors left for an event loop: raise the limit of open files");
        _scratch = (byte*)NativeMemory.AlignedAlloc(ScratchSize, 4096);
        var wake = new Libc.EpollEvent { Events = (uint)Readiness.Readable | Libc.EPOLLET, Data = (uint)_wake };
        _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, _wake, &wake);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>The loop whose thread this is; null on any other thread.</summary>
    public static EventLoop? Current => t_current;

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrent => t_current == this;

    /// <summary>The scratch area, page-aligned; its content is nobody's between two calls of a handler. Loop thread only.</summary>
    public Span<byte> Scratch => new(_scratch, ScratchSize);

    /// <summary>
    /// An exception that no handler took: it escaped a posted action without a handler, a timer, or <see cref="DescriptorHandler.OnFault"/>
    /// itself. Raised on the loop's thread; without a subscriber it goes to <see cref="Trace"/>. The loop goes on.
    /// </summary>
    public event Action<Exception>? Faulted;

    /// <summary>Runs an action on the loop's thread, after what is queued already. Any thread may call.</summary>
    /// <param name="action">What to run.</param>
    /// <param name="handler">Whose <see cref="DescriptorHandler.OnFault"/> gets an exception of the action; null for <see cref="Faulted"/>.</param>
    /// <returns>False once the loop has stopped: the action will not run.</returns>
    public bool Post(Action<EventLoop> action, DescriptorHandler? handler = null) => Post(new Posted(action, null, null, handler));

    /// <summary>As the other <c>Post</c>, for an action that is made once and told each time what to work on: nothing is allocated.</summary>
    /// <param name="action">What to run.</param>
    /// <param name="state">What it gets.</param>
    /// <returns>False once the loop has stopped: the action will not run.</returns>
    public bool Post(Action<object> action, object state) => Post(new Posted(null, action, state, null));

    /// <summary>Starts watching a descriptor, edge-triggered. Loop thread only.</summary>
    /// <exception cref="IOException">The kernel cannot watch it (a regular file, for example).</exception>
    public void Register(int descriptor, DescriptorHandler handler, Readiness interest)
    {
        if (descriptor >= _slots.Length)
            Array.Resize(ref _slots, Math.Max(descriptor + 1, _slots.Length * 2));
        _slots[descriptor] = new Slot(handler, ++_generation);
        if (!Control(Libc.EPOLL_CTL_ADD, descriptor, interest))
        {
            int error = Libc.LastError;
            _slots[descriptor] = default;
            throw new IOException($"the kernel cannot watch this descriptor (errno {error})");
        }
    }

    /// <summary>Changes what a registered descriptor is watched for; current readiness is reported anew. Loop thread only.</summary>
    public void Modify(int descriptor, DescriptorHandler handler, Readiness interest)
    {
        if (descriptor < _slots.Length && _slots[descriptor].Handler == handler)
            Control(Libc.EPOLL_CTL_MOD, descriptor, interest);
    }

    /// <summary>Stops watching; call it before the descriptor is closed. Events already fetched are not delivered. Loop thread only.</summary>
    public void Unregister(int descriptor)
    {
        if (descriptor >= _slots.Length || _slots[descriptor].Handler is null)
            return;
        _slots[descriptor] = default;
        _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, descriptor, null);
    }

    /// <summary>Calls back on the loop's thread after a delay; the result cancels. Any thread.</summary>
    /// <param name="delay">At least 0.</param>
    /// <param name="action">What to run.</param>
    /// <param name="handler">As in <see cref="Post(Action{EventLoop}, DescriptorHandler)"/>.</param>
    public IDisposable Schedule(TimeSpan delay, Action<EventLoop> action, DescriptorHandler? handler = null)
    {
        var timer = new Timer(action, handler);
        long due = Environment.TickCount64 + Math.Max(0, (long)delay.TotalMilliseconds);
        if (IsCurrent)
            _timers.Enqueue(timer, due);
        else
            Post(loop => loop._timers.Enqueue(timer, due));
        return timer;
    }

    /// <summary>Stops the thread once all actions posted so far have run. Registered descriptors stay with their owners.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            _stopping = true;
            Wake();
        }
        if (!IsCurrent)
            _thread.Join();
    }

    /// <summary>Ends the wait of the loop's thread; it looks at the queue itself before it waits. Called under the gate.</summary>
    private void Wake()
    {
        if (_wakePending || IsCurrent)
            return;
        _wakePending = true;
        ulong one = 1;
        _ = Libc.write(_wake, &one, sizeof(ulong));
    }

    private bool Post(Posted posted)
    {
        lock (_gate)
        {
            if (_stopping)
                return false;
            _posted.Add(posted);
            Wake();
            return true;
        }
    }

    private bool Control(int operation, int descriptor, Readiness interest)
    {
        var change = new Libc.EpollEvent
        {
            Events = (uint)interest | Libc.EPOLLET,
            Data = (uint)descriptor | ((ulong)_slots[descriptor].Generation << 32),
        };
        return Libc.epoll_ctl(_epoll, operation, descriptor, &change) == 0;
    }

    private void Run()
    {
        t_current = this;
        if (_resumesAwaits)
            SynchronizationContext.SetSynchronizationContext(new LoopContext(this));
        Libc.EpollEvent* events = stackalloc Libc.EpollEvent[MaxEvents];
        while (true)
        {
            int patience = Patience(out bool stop);
            if (stop)
                break;
            int count = Libc.epoll_wait(_epoll, events, MaxEvents, patience);
            for (int i = 0; i < count; i++)
                Deliver((int)(uint)events[i].Data, (uint)(events[i].Data >> 32), (Readiness)events[i].Events);
            RunTimers();
            RunPosted();
        }
        RunPosted();
        lock (_gate)
        {
            _ = Libc.close(_epoll);
            _ = Libc.close(_wake);
        }
        NativeMemory.AlignedFree(_scratch);
    }

    /// <summary>Milliseconds epoll may wait: none while actions are queued, for ever without timers.</summary>
    private int Patience(out bool stop)
    {
        lock (_gate)
        {
            stop = _stopping;
            if (_posted.Count > 0)
                return 0;
        }
        while (_timers.TryPeek(out Timer? timer, out long due))
        {
            if (!timer.IsCancelled)
                return (int)Math.Clamp(due - Environment.TickCount64, 0, int.MaxValue);
            _timers.Dequeue();
        }
        return -1;
    }

    private void Deliver(int descriptor, uint generation, Readiness ready)
    {
        // The wake-up counter is never read: being edge-triggered, each write to it is an event of its own.
        if (descriptor == _wake && generation == 0)
            return;
        Slot slot = _slots[descriptor];
        if (slot.Handler is null || slot.Generation != generation)
            return;
        try
        {
            slot.Handler.OnReady(this, descriptor, ready);
        }
        catch (Exception exception)
        {
            Report(slot.Handler, exception);
        }
    }

    private void RunTimers()
    {
        long now = 0;
        while (_timers.TryPeek(out Timer? timer, out long due))
        {
            if (!timer.IsCancelled)
            {
                if (now == 0)
                    now = Environment.TickCount64;
                if (due > now)
                    return;
            }
            _timers.Dequeue();
            if (timer.Take() is { } action)
                Run(new Posted(action, null, null, timer.Handler));
        }
    }

    /// <summary>Runs what is queued now; what those actions queue waits for the next round.</summary>
    private void RunPosted()
    {
        lock (_gate)
        {
            (_posted, _running) = (_running, _posted);
            _wakePending = false;
        }
        foreach (Posted posted in _running)
            Run(posted);
        _running.Clear();
    }

    private void Run(in Posted posted)
    {
        try
        {
            if (posted.Action is { } action)
                action(this);
            else
                posted.StateAction!(posted.State!);
        }
        catch (Exception exception)
        {
            Report(posted.Handler, exception);
        }
    }

    private void Report(DescriptorHandler? handler, Exception exception)
    {
        try
        {
            if (handler is not null)
            {
                handler.OnFault(this, exception);
                return;
            }
        }
        catch (Exception second)
        {
            exception = second;
        }
        if (Faulted is { } faulted)
            faulted(exception);
        else
            Trace.TraceError("event loop: {0}", exception);
    }

    private readonly record struct Slot(DescriptorHandler? Handler, uint Generation);

    private readonly record struct Posted(
        Action<EventLoop>? Action, Action<object>? StateAction, object? State, DescriptorHandler? Handler);

    private sealed class Timer(Action<EventLoop> action, DescriptorHandler? handler) : IDisposable
    {
        private Action<EventLoop>? _action = action;

        internal DescriptorHandler? Handler => handler;

        internal bool IsCancelled => Volatile.Read(ref _action) is null;

        public void Dispose() => Volatile.Write(ref _action, null);

        internal Action<EventLoop>? Take() => Interlocked.Exchange(ref _action, null);
    }
}
