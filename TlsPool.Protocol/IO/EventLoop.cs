using System.Collections.Concurrent;
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

    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte* _scratch;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<Action<EventLoop>> _posted = new();
    private readonly PriorityQueue<Timer, long> _timers = new();
    private Slot[] _slots = new Slot[1024];
    private uint _generation;
    private int _wakePending;
    private volatile bool _stopping;

    /// <summary>Starts the loop's thread.</summary>
    /// <param name="name">Name of the thread.</param>
    /// <exception cref="IOException">The kernel gives no epoll instance: out of descriptors.</exception>
    public EventLoop(string name)
    {
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

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>The scratch area, page-aligned; its content is nobody's between two calls of a handler. Loop thread only.</summary>
    public Span<byte> Scratch => new(_scratch, ScratchSize);

    /// <summary>Runs an action on the loop's thread, after what is queued already. Any thread may call; false once the loop has stopped.</summary>
    public bool Post(Action<EventLoop> action)
    {
        if (_stopping)
            return false;
        _posted.Enqueue(action);
        Wake();
        return true;
    }

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
        if (_slots[descriptor].Handler == handler)
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
    public IDisposable Schedule(TimeSpan delay, Action<EventLoop> action)
    {
        var timer = new Timer(action);
        long due = Environment.TickCount64 + Math.Max(0, (long)delay.TotalMilliseconds);
        if (IsCurrent)
            _timers.Enqueue(timer, due);
        else
            Post(loop => loop._timers.Enqueue(timer, due));
        return timer;
    }

    /// <summary>Stops the thread after the current round. Registered descriptors stay with their owners.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        Wake();
        if (!IsCurrent)
            _thread.Join();
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) != 0)
            return;
        ulong one = 1;
        _ = Libc.write(_wake, &one, sizeof(ulong));
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
        Libc.EpollEvent* events = stackalloc Libc.EpollEvent[MaxEvents];
        while (!_stopping)
        {
            int count = Libc.epoll_wait(_epoll, events, MaxEvents, Patience());
            for (int i = 0; i < count; i++)
                Deliver((int)(uint)events[i].Data, (uint)(events[i].Data >> 32), (Readiness)events[i].Events);
            RunTimers();
            RunPosted();
        }
        _ = Libc.close(_epoll);
        _ = Libc.close(_wake);
        NativeMemory.AlignedFree(_scratch);
    }

    /// <summary>Milliseconds epoll may wait: none while actions are queued, for ever without timers.</summary>
    private int Patience()
    {
        if (!_posted.IsEmpty)
            return 0;
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
        if (descriptor == _wake && generation == 0)
        {
            ulong ignored;
            _ = Libc.read(_wake, &ignored, sizeof(ulong));
            Volatile.Write(ref _wakePending, 0);
            return;
        }
        Slot slot = _slots[descriptor];
        if (slot.Handler is null || slot.Generation != generation)
            return;
        try
        {
            slot.Handler.OnReady(this, descriptor, ready);
        }
        catch (Exception exception)
        {
            slot.Handler.OnFault(this, exception);
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
            timer.Fire(this);
        }
    }

    /// <summary>Runs what was queued when the round began; what those actions queue waits for the next round.</summary>
    private void RunPosted()
    {
        for (int left = _posted.Count; left > 0 && _posted.TryDequeue(out Action<EventLoop>? action); left--)
            action(this);
    }

    private readonly record struct Slot(DescriptorHandler? Handler, uint Generation);

    private sealed class Timer(Action<EventLoop> action) : IDisposable
    {
        private Action<EventLoop>? _action = action;

        internal bool IsCancelled => Volatile.Read(ref _action) is null;

        public void Dispose() => Volatile.Write(ref _action, null);

        internal void Fire(EventLoop loop) => Interlocked.Exchange(ref _action, null)?.Invoke(loop);
    }
}
