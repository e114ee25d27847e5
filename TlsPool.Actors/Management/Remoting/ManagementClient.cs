using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>
/// A program's connection with a node, for whoever manages it: console and commands. Thread safe. When the connection ends, everything fails with
/// <see cref="ManagementFault.NoAnswer"/>, and another client has to be made.
/// </summary>
public sealed class ManagementClient : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    private readonly Lock _sending = new();
    private readonly ActorSystem _system;
    private readonly IActorRef _door;
    private readonly CancellationTokenSource _gone = new();
    private long _lastNumber;

    private ManagementClient(Greeting greeting, Stream stream)
    {
        Greeting = greeting;
        var watched = new WatchedStream(stream, _gone.Cancel);
        ActorSystemSetup setup = ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(ManagementSettings.Hocon<VisitorTransport>())),
            new VisitorSetup(greeting.Name, watched),
            ManagementSettings.Context());
        _system = ActorSystem.Create(ManagementSettings.ProgramSystem, setup);
        Address node = ManagementSettings.NodeAddress;
        // By reference: a selection goes to the root of the node's actors, to which programs may not send.
        _door = ((ExtendedActorSystem)_system).Provider.ResolveActorRef($"akka.{node.Protocol}://{node.System}@{node.Host}:{node.Port}/user/{ManagementSettings.DoorName}");
    }

    /// <summary>What the node said first: its name, and the role that one has.</summary>
    public Greeting Greeting { get; }

    /// <summary>Ends when the connection has ended.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Connects with the daemon of this host.</summary>
    /// <param name="path">The socket of its management.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ManagementException">It cannot be reached, or refuses.</exception>
    public static async Task<ManagementClient> ConnectAsync(string path, CancellationToken cancellation = default)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new ManagementException(
                ManagementFault.NoAnswer,
                failure is SocketException { SocketErrorCode: SocketError.AccessDenied }
                    ? $"{path}: permission denied; manage_socket_mode and its group say who may open it"
                    : $"{path}: nobody serves it; is the daemon running, and is this its manage_socket?");
        }
        return await ConnectAsync(new NetworkStream(socket, ownsSocket: true), cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes up management over a connection that exists.</summary>
    /// <param name="stream">The connection, owned: protected, and with a node that is known to be the right one.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ManagementException">The node refuses, or is none.</exception>
    public static async Task<ManagementClient> ConnectAsync(Stream stream, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConnectTime);
        try
        {
            Greeting greeting = await Greeting.ReadAsync(stream, limit.Token).ConfigureAwait(false);
            if (greeting.Refusal is { } refusal)
                throw new ManagementException(ManagementFault.Forbidden, refusal);
            if (greeting.Protocol != Greeting.CurrentProtocol)
                throw new ManagementException(ManagementFault.Failed, $"{greeting.Node} is of version {greeting.Version}, which this program cannot manage");
            return new ManagementClient(greeting, stream);
        }
        catch (Exception failure) when (failure is IOException or SocketException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new ManagementException(ManagementFault.NoAnswer, "the node does not say who it is");
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Has something done.</summary>
    /// <param name="operation">Name of the operation.</param>
    /// <param name="arguments">UTF-8 of a JSON object; empty for no arguments. Not kept.</param>
    /// <param name="node">The node that is to do it; empty for the usual one, <c>*</c> for all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>UTF-8 of the JSON of the answer.</returns>
    /// <exception cref="ManagementException">It was not done, or it is not known whether it was.</exception>
    public async Task<ReadOnlyMemory<byte>> DoAsync(
        string operation, ReadOnlyMemory<byte> arguments = default, string node = "", CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _gone.Token);
        try
        {
            ManagementReply reply = await Send(operation, arguments, node, limit.Token).ConfigureAwait(false);
            return reply.Fault is { } fault
                ? throw new ManagementException(fault, Encoding.UTF8.GetString(reply.Body.Span))
                : reply.Body;
        }
        catch (Exception failure) when (failure is AskTimeoutException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new ManagementException(
                ManagementFault.NoAnswer, _gone.IsCancellationRequested ? $"the connection with {Greeting.Node} has ended" : $"{Greeting.Node} does not answer");
        }
    }

    /// <summary>Has something done, and reads the answer.</summary>
    /// <typeparam name="T">What the operation answers with.</typeparam>
    /// <inheritdoc cref="DoAsync(string, ReadOnlyMemory{byte}, string, CancellationToken)"/>
    public async Task<T> DoAsync<T>(
        string operation, IReadOnlyDictionary<string, object?>? arguments = null, string node = "", CancellationToken cancellation = default)
    {
        ReadOnlyMemory<byte> body = await DoAsync(operation, ArgumentWriter.Write(arguments ?? new Dictionary<string, object?>()), node, cancellation).ConfigureAwait(false);
        JsonTypeInfo<T> type = ManagementJson.Of<T>();
        try
        {
            return JsonSerializer.Deserialize(body.Span, type)!;
        }
        catch (JsonException)
        {
            throw new ManagementException(ManagementFault.Failed, $"{Greeting.Node} is of version {Greeting.Version}, and answers in a way that this program does not understand");
        }
    }

    /// <summary>Numbers leave in their order: one that is overtaken would be taken for a repetition.</summary>
    private Task<ManagementReply> Send(string operation, ReadOnlyMemory<byte> arguments, string node, CancellationToken limit)
    {
        lock (_sending)
            return _door.Ask<ManagementReply>(new ManagementRequest(++_lastNumber, operation, node, arguments), Patience, limit);
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _system.Terminate().WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _gone.Dispose();
    }
}
