using System.Text;
using System.Text.Json;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Management.Wire;
using TlsPool.Actors.Storage;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Management;

/// <summary>
/// Does what people who manage the pool ask for, whichever way it came: checks the role, reads the arguments, does it here or has it done
/// elsewhere, and records changes and refusals. Thread safe.
/// </summary>
/// <param name="services">What there is to manage.</param>
/// <param name="peers">The other nodes; null if there are none.</param>
/// <param name="log">Log of the facility DAEMON.</param>
internal sealed class ManagementDesk(ManagementServices services, IManagementPeers? peers, ILogger log)
{
    /// <summary>Name of this node.</summary>
    internal string Node => services.Node;

    /// <summary>Does something.</summary>
    /// <param name="principal">Who wants it.</param>
    /// <param name="operation">Name of the operation.</param>
    /// <param name="node">The node that is to do it; empty for the usual one.</param>
    /// <param name="arguments">UTF-8 of a JSON object.</param>
    /// <param name="cancellation">Ends when nobody waits any more.</param>
    /// <returns>UTF-8 of the JSON of the answer.</returns>
    /// <exception cref="ManagementException">It was not done.</exception>
    internal async Task<byte[]> DoAsync(Principal principal, string operation, string node, ReadOnlyMemory<byte> arguments, CancellationToken cancellation)
    {
        Operation known = Admit(principal, operation);
        string[] nodes = NodesFor(known, node);
        return nodes is [var one]
            ? one == services.Node
                ? await HereAsync(principal, known, arguments, cancellation).ConfigureAwait(false)
                : BodyOf(await ThereAsync(principal, known, one, arguments, cancellation).ConfigureAwait(false))
            : await EverywhereAsync(principal, known, nodes, arguments, cancellation).ConfigureAwait(false);
    }

    /// <summary>Does something at this node.</summary>
    /// <inheritdoc cref="DoAsync"/>
    internal Task<byte[]> DoHereAsync(Principal principal, string operation, ReadOnlyMemory<byte> arguments, CancellationToken cancellation) =>
        HereAsync(principal, Admit(principal, operation), arguments, cancellation);

    /// <summary>Makes sure that somebody has a role; a refusal goes on record.</summary>
    /// <param name="principal">Who.</param>
    /// <param name="role">The role.</param>
    /// <param name="what">What it is needed for.</param>
    /// <exception cref="ManagementException">They do not have it.</exception>
    internal void Demand(Principal principal, ManagementRole role, string what)
    {
        if (principal.Role >= role)
            return;
        string reason = $"{what} takes the role {role.ToString().ToLowerInvariant()}";
        services.Audit.Record(principal.Event(allowed: false, reason));
        throw new ManagementException(ManagementFault.Forbidden, $"{reason}, and {principal.Name} has {principal.RoleName}: see manage_allow");
    }

    private Operation Admit(Principal principal, string operation)
    {
        Operation known = OperationCatalogue.Find(operation)
            ?? throw new ManagementException(ManagementFault.NotFound, "this version of the pool knows no such operation");
        Demand(principal, known.Role, known.Name);
        return known;
    }

    private string[] NodesFor(Operation operation, string node)
    {
        IReadOnlyList<string> others = peers?.Others ?? [];
        if (node.Length == 0)
            return operation.Scope == OperationScope.AllNodes ? [services.Node, .. others] : [services.Node];
        if (node == ManagementRequest.AllNodes)
            return operation.Scope == OperationScope.AllNodes
                ? [services.Node, .. others]
                : throw new ManagementException(ManagementFault.BadRequest, $"{operation.Name} is done at one node");
        return node == services.Node || others.Contains(node)
            ? [node]
            : throw new ManagementException(ManagementFault.NotFound, $"there is no node '{Logging.PoolLoggerProvider.OneLine(node)}': see 'tlspool node list'");
    }

    private async Task<byte[]> HereAsync(Principal principal, Operation operation, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        using Arguments arguments = Arguments.Read(json.Span, operation.Parameters);
        Paging paging = Paging.Of(arguments);
        while (true)
        {
            var call = new OperationCall(services, principal, arguments, paging, cancellation);
            byte[] body = Serialized(operation, await RunAsync(operation, call).ConfigureAwait(false));
            if (body.Length <= ManagementWire.MaxBody)
                return body;
            // Rows may be long: fewer of them, and the rest in the next part.
            if (paging.Limit == 1)
                throw new ManagementException(ManagementFault.Failed, "the answer is too long to be sent");
            paging = paging with { Limit = paging.Limit / 2 };
        }
    }

    private async Task<object> RunAsync(Operation operation, OperationCall call)
    {
        try
        {
            // Never on the thread of who asks: a list may be long, and the disk slow.
            object result = await Task.Run(() => operation.RunAsync(call)).ConfigureAwait(false);
            if (operation.IsChange)
                Record(call.Principal, allowed: true, ((Done)result).Text);
            return result;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || call.Cancellation.IsCancellationRequested)
        {
            ManagementException told = Told(failure);
            if (operation.IsChange)
                Record(call.Principal, allowed: false, $"{operation.Name}: {told.Message}");
            if (told.Fault == ManagementFault.Failed)
                log.LogError("{Operation}, asked for by {Principal}, failed: {Reason}", operation.Name, call.Principal, told.Message);
            throw told;
        }
    }

    private void Record(Principal principal, bool allowed, string what)
    {
        services.Audit.Record(principal.Event(allowed, what));
        log.LogInformation("{What}, by {Principal}", what, principal);
    }

    /// <summary>What people are told: the reasons that are made for them, and of anything else only what it was.</summary>
    private static ManagementException Told(Exception failure) => failure switch
    {
        ManagementException told => told,
        FormatException or CertificateException or DaemonException => new ManagementException(ManagementFault.BadRequest, failure.Message),
        TokenException or StorageException => new ManagementException(ManagementFault.Failed, failure.Message),
        AskTimeoutException or OperationCanceledException => new ManagementException(ManagementFault.NoAnswer, "what was asked for takes too long: look whether it was done"),
        _ => new ManagementException(ManagementFault.Failed, $"it failed ({failure.GetType().Name})"),
    };

    private async Task<ManagementReply> ThereAsync(
        Principal principal, Operation operation, string node, ReadOnlyMemory<byte> arguments, CancellationToken cancellation)
    {
        var request = new ForwardedRequest(operation.Name, arguments, principal.Name, principal.Role);
        return await peers!.AskAsync(node, request, cancellation).ConfigureAwait(false);
    }

    private async Task<byte[]> EverywhereAsync(
        Principal principal, Operation operation, string[] nodes, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        using Arguments arguments = Arguments.Read(json.Span, operation.Parameters);
        var call = new OperationCall(services, principal, arguments, Paging.Of(arguments), cancellation);
        Task<ManagementReply>[] asked = [.. nodes.Skip(1).Select(node => ThereAsync(principal, operation, node, json, cancellation))];
        byte[] here = await HereAsync(principal, operation, json, cancellation).ConfigureAwait(false);
        var answers = new List<object> { Deserialized(operation, here) };
        var silent = new List<string>();
        for (int i = 0; i < asked.Length; i++)
        {
            ManagementReply reply = await asked[i].ConfigureAwait(false);
            if (reply.Fault is null)
                answers.Add(Deserialized(operation, reply.Body));
            else
                silent.Add(nodes[i + 1]);
        }
        object merged = operation.Merge!(answers, call);
        byte[] body = Serialized(operation, merged, silent);
        while (body.Length > ManagementWire.MaxBody && call.Paging.Limit > 1)
        {
            call = call with { Paging = call.Paging with { Limit = call.Paging.Limit / 2 } };
            body = Serialized(operation, operation.Merge!(answers, call), silent);
        }
        return body;
    }

    private static byte[] BodyOf(ManagementReply reply) => reply.Fault is { } fault
        ? throw new ManagementException(fault, Encoding.UTF8.GetString(reply.Body.Span))
        : reply.Body.ToArray();

    private static byte[] Serialized(Operation operation, object result) => JsonSerializer.SerializeToUtf8Bytes(result, operation.Result);

    private static byte[] Serialized(Operation operation, object merged, List<string> silent) =>
        Serialized(operation, silent.Count == 0 ? merged : ((IPage)merged).WithSilent(silent));

    private static object Deserialized(Operation operation, ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, operation.Result)!;
        }
        catch (JsonException)
        {
            throw new ManagementException(ManagementFault.Failed, "a node answers in a way that this version does not understand");
        }
    }
}
