using System.Net.Sockets;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Crypto;
using TlsPool.Tests.Scenarios;

namespace TlsPool.Tests.Model;

/// <summary>The pool beside its model: connections, sessions and a program, all by the client library.</summary>
internal sealed class ModelledPool : IAsyncDisposable
{
    internal const int Connections = 4;

    /// <summary>Sessions that may wait for the program at a time: each has a name of its own, so that its question is known.</summary>
    internal const int Names = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HostedPool _pool;
    private readonly TlsPoolClient _beyond;
    private readonly TlsPoolClient _probe;
    private readonly TlsPoolClient[] _connections;
    private readonly Dictionary<int, ModelledSession> _sessions = [];
    private ModelledProgram? _program;

    private ModelledPool(HostedPool pool, TestStores stores)
    {
        (_pool, Stores) = (pool, stores);
        (_beyond, _probe) = (Client(), Client());
        _connections = [.. Enumerable.Range(0, Connections).Select(_ => Client())];
    }

    internal TestStores Stores { get; }

    internal ModelledSession this[int session]
    {
        get => _sessions[session];
        set => _sessions[session] = value;
    }

    internal string LogTail => string.Join('\n', _pool.Log.Split('\n').TakeLast(60));

    internal ModelledProgram Program => _program!;

    internal static async Task<ModelledPool> StartAsync(string configuration)
    {
        var stores = new TestStores(Enumerable.Range(0, Names).Select(number => TestIdentity.Ecdsa(Name(number))));
        return new ModelledPool(await HostedPool.StartAsync(stores, configuration), stores);
    }

    /// <summary>Asks for a session; the other side is the pool's too, and takes part.</summary>
    internal ModelledSession Begin(int session, int connection, StartTlsFlags flags, ControlKey key, TimeSpan? timeout)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> served = _beyond.StartTlsAsync(
            far, StartTlsOptions.Server(Name(session), StartTlsFlags.IgnoreRemoteId | StartTlsFlags.Fork) with { Timeout = Timeout.InfiniteTimeSpan });
        Task<TlsSession> asked = _connections[connection].StartTlsAsync(
            near, StartTlsOptions.Client(Name(session), flags) with { ControlKey = key, Timeout = timeout ?? Timeout.InfiniteTimeSpan });
        return new ModelledSession(key, asked, served);
    }

    internal Task DetachAsync(int connection, int session) => _connections[connection].DetachAsync(_sessions[session].Key);

    internal Task ReattachAsync(int connection, int session) => _connections[connection].ReattachAsync(_sessions[session].Key);

    internal Task RenegotiateAsync(int connection, int session) => _connections[connection].RenegotiateAsync(
        _sessions[session].Key,
        new StartTlsOptions { Flags = StartTlsFlags.BothRolesPeer | StartTlsFlags.Renegotiate, Timeout = Timeout.InfiniteTimeSpan });

    /// <summary>What the pool has read of a connection's requests is decided when this ends.</summary>
    internal Task SettleAsync(int connection) => _connections[connection].PingAsync().WaitAsync(Patience);

    /// <summary>The connection closes, and a new one takes its place.</summary>
    internal async Task CloseAsync(int connection)
    {
        await _connections[connection].DisposeAsync();
        _connections[connection] = Client();
    }

    /// <summary>A program registers.</summary>
    internal async Task<PoolError> RegisterAsync()
    {
        var program = new ModelledProgram(Client());
        int before = Count(ModelledProgram.Registered);
        program.Start();
        await Waiting.ForAsync(() => program.Serving.IsCompleted || Count(ModelledProgram.Registered) > before);
        if (!program.Serving.IsCompleted)
        {
            _program = program;
            return PoolError.None;
        }
        PoolError error = await OutcomeAsync(program.Serving);
        await program.DisposeAsync();
        return error;
    }

    /// <summary>The program's connection closes.</summary>
    internal async Task CloseProgramAsync()
    {
        int before = Count(ModelledProgram.Gone);
        await _program!.DisposeAsync();
        _program = null;
        await Waiting.ForAsync(() => Count(ModelledProgram.Gone) > before);
    }

    /// <summary>Waits until the program is asked; returns the session's number modulo <see cref="Names"/>.</summary>
    internal async Task<int> AwaitQuestionAsync() => Number(await _program!.AwaitQuestionAsync());

    /// <summary>The same, if it is asked before a session is over; else null.</summary>
    internal async Task<int?> AwaitQuestionAsync(Task<TlsSession> over) => await _program!.AwaitQuestionAsync(over) is { } name ? Number(name) : null;

    /// <summary>What a connection without any session is told about a session's key, as soon as it is what is expected.</summary>
    internal async Task ExpectViewAsync(int session, PoolError expected)
    {
        // Keys that are not there are guesses, and a connection has only so many.
        bool isGuess = expected == PoolError.ControlKeyNotFound;
        TlsPoolClient? stranger = isGuess ? Client() : null;
        PoolError seen = default;
        for (int tries = 0; tries < 1200; tries++)
        {
            seen = await OutcomeAsync((stranger ?? _probe).DetachAsync(_sessions[session].Key));
            if (seen == expected)
                break;
            await Task.Delay(10);
        }
        if (stranger is not null)
            await stranger.DisposeAsync();
        Assert.That(seen, Is.EqualTo(expected), $"session {session}");
    }

    /// <summary>Random bytes pass unharmed, both ways.</summary>
    internal async Task ExchangeAsync(int session, int size)
    {
        (Socket asked, Socket served) = await _sessions[session].SocketsAsync();
        await Task.WhenAll(PassAsync(asked, served, size), PassAsync(served, asked, size)).WaitAsync(Patience);
    }

    /// <summary>How a request ended.</summary>
    internal static async Task<PoolError> OutcomeAsync(Task request)
    {
        try
        {
            await request.WaitAsync(Patience);
            return PoolError.None;
        }
        catch (TlsPoolException exception)
        {
            return exception.Error;
        }
        catch (OperationCanceledException)
        {
            // Its client was closed before it had connected.
            return PoolError.ClientDisconnect;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        foreach (TlsPoolClient client in (TlsPoolClient[])[.. _connections, _probe, _beyond])
            await client.DisposeAsync();
        foreach (ModelledSession session in _sessions.Values)
            await session.DisposeAsync();
        await _pool.DisposeAsync();
    }

    private static async Task PassAsync(Socket from, Socket to, int size)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(size), got = new byte[size];
        Task sending = from.SendAsync(sent);
        for (int have = 0; have < size;)
        {
            int count = await to.ReceiveAsync(got.AsMemory(have));
            Assert.That(count, Is.Positive, "the stream ended early");
            have += count;
        }
        await sending;
        Assert.That(got.AsSpan().SequenceEqual(sent), "the bytes are not those that were sent");
    }

    private static int Number(string name) => Enumerable.Range(0, Names).Single(number => Name(number) == name);

    private static string Name(int session) => $"s{session % Names}.example";

    private int Count(string text) => _pool.Log.Split(text).Length - 1;

    private TlsPoolClient Client() => new(new TlsPoolClientOptions { SocketPath = _pool.SocketPath });
}
