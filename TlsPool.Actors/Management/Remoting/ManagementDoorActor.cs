using Akka.Actor;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>Takes the requests of programs. Who asks is known by the host of the sender's address, which the transport has checked.</summary>
internal sealed class ManagementDoorActor : UntypedActor
{
    /// <summary>Requests that a program may have under way.</summary>
    private const int MaxOpen = 16;

    private readonly ManagementDoor _door;
    private readonly ManagementDesk _desk;

    private ManagementDoorActor(ManagementDoor door, ManagementDesk desk) => (_door, _desk) = (door, desk);

    /// <summary>Props of the actor.</summary>
    internal static Props Props(ManagementDoor door, ManagementDesk desk) =>
        ActorFactory<ManagementDoorActor>.Props(() => new ManagementDoorActor(door, desk));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ManagementRequest request when Sender.Path.Address.Host is { } host && _door.Find(host) is { } program:
                Take(request, program);
                break;
            case Answered answered:
                answered.Program.Open--;
                Sender.Tell(answered.Reply);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Take(ManagementRequest request, ManagementProgram program)
    {
        if (request.Number <= program.LastNumber)
        {
            Sender.Tell(ManagementPartActor.ReplyOf(request.Number, new ManagementException(ManagementFault.Conflict, "this request was made before: it is not done again")));
            return;
        }
        program.LastNumber = request.Number;
        if (program.Open >= MaxOpen)
        {
            Sender.Tell(ManagementPartActor.ReplyOf(request.Number, new ManagementException(ManagementFault.TooMany, "too much is asked at once: wait for answers")));
            return;
        }
        program.Open++;
        DoAsync(request, program).PipeTo(Self, Sender);
    }

    private async Task<Answered> DoAsync(ManagementRequest request, ManagementProgram program)
    {
        try
        {
            byte[] body = await _desk.DoAsync(program.Principal, request.Operation, request.Node, request.Arguments, program.Gone).ConfigureAwait(false);
            return new Answered(program, new ManagementReply(request.Number, null, body));
        }
        catch (ManagementException failure)
        {
            return new Answered(program, ManagementPartActor.ReplyOf(request.Number, failure));
        }
    }

    private sealed record Answered(ManagementProgram Program, ManagementReply Reply);
}
