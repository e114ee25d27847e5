using System.Text;
using Akka.Actor;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Management;

/// <summary>Does at this node what other nodes pass on. They vouch for who asked, as they could do everything themselves.</summary>
internal sealed class ManagementPartActor : UntypedActor
{
    /// <summary>Its name on all nodes.</summary>
    internal const string PartName = "management";

    /// <summary>What one node may have under way here.</summary>
    private const int MaxOpen = 64;

    private readonly ManagementDesk _desk;
    private int _open;

    private ManagementPartActor(ManagementDesk desk) => _desk = desk;

    /// <summary>Props of the actor.</summary>
    internal static Props Props(ManagementDesk desk) => ActorFactory<ManagementPartActor>.Props(() => new ManagementPartActor(desk));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ForwardedRequest when _open >= MaxOpen:
                Sender.Tell(ReplyOf(0, new ManagementException(ManagementFault.TooMany, "too much is asked of this node at once")));
                break;
            case ForwardedRequest request when Sender.Path.Address.Host is { } host:
                _open++;
                DoAsync(request, host).PipeTo(Self, Sender);
                break;
            case ManagementReply reply:
                _open--;
                Sender.Tell(reply);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>What somebody is told whose request failed.</summary>
    internal static ManagementReply ReplyOf(long number, ManagementException failure) =>
        new(number, failure.Fault, Encoding.UTF8.GetBytes(failure.Message));

    private async Task<ManagementReply> DoAsync(ForwardedRequest request, string host)
    {
        try
        {
            var principal = new Principal(Logging.PoolLoggerProvider.OneLine(request.Name), request.Role) { Node = host };
            return new ManagementReply(0, null, await _desk.DoHereAsync(principal, request.Operation, request.Arguments, CancellationToken.None).ConfigureAwait(false));
        }
        catch (ManagementException failure)
        {
            return ReplyOf(0, failure);
        }
    }
}
