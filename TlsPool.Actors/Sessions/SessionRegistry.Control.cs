using Akka.Actor;
using TlsPool.Actors.Audit;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>
/// Control keys that connections present. They are secrets of applications: keys are compared in constant time, and where they are looked up
/// depends on a number that each process chooses at random.
/// </content>
public sealed partial class SessionRegistry
{
    private ControlDone Answer(Detach request)
    {
        SessionEntry? entry = Find(request.Key);
        PoolError? error =
            entry is not { IsEstablished: true } ? PoolError.ControlKeyNotFound
            : entry.Controller is null ? PoolError.ControlKeyDetached
            : !entry.Controller.Equals(request.Connection) ? PoolError.ControlKeyNotYours
            : null;
        Record(entry, request.Application, error, "detached");
        if (error is { } refused)
            return Refuse(request.RequestId, refused);
        entry!.Controller = null;
        entry.Session.Tell(new ControllerChanged(null));
        return new ControlDone(request.RequestId, Fault: null);
    }

    private ControlDone Answer(Reattach request)
    {
        SessionEntry? entry = Find(request.Key);
        PoolError? error =
            entry is not { IsEstablished: true } ? PoolError.ControlKeyNotFound
            : entry.Controller is not null ? PoolError.ControlKeyAttached
            : null;
        Record(entry, request.Application, error, "reattached");
        if (error is { } refused)
            return Refuse(request.RequestId, refused);
        entry!.Controller = entry.Holder = request.Connection;
        _holders = null;
        entry.Session.Tell(new ControllerChanged(request.Connection));
        return new ControlDone(request.RequestId, Fault: null);
    }

    /// <summary>Passes a question on to its session, once it is sure who asks; from the moment that the application hears of the handshake.</summary>
    private void Pass(AskFact question)
    {
        SessionEntry? entry = Find(question.Key);
        PoolError? error =
            entry?.Negotiated is null ? PoolError.ControlKeyNotFound
            : question.Connection.Equals(entry.Controller) ? null
            : entry.Controller is null ? PoolError.ControlKeyDetached
            : PoolError.ControlKeyNotYours;
        if (error is { } refused)
        {
            Record(entry, question.Application, refused, What(question));
            question.Connection.Tell(Refuse(question.RequestId, refused));
        }
        else if (question.Question is InfoMessage { Kind: InfoKind.SessionParameters, Length: InfoMessage.Query })
        {
            question.Connection.Tell(new ControlDone(question.RequestId, Fault: null, entry!.Negotiated!.Parameters.ToInfo(question.Key)));
        }
        else
        {
            entry!.Asked.Add(question);
            entry.Session.Tell(question);
        }
    }

    private void Conclude(FactFound found)
    {
        if (_bySession.TryGetValue(found.Session, out SessionEntry? entry))
            entry.Asked.Remove(found.Asked);
        // Facts are everybody's who controls the session; keys are more than that.
        if (found.Asked.Question is PrngMessage || found.Fault is not null)
            Record(entry, found.Asked.Application, found.Fault, What(found.Asked));
        found.Asked.Connection.Tell(new ControlDone(found.Asked.RequestId, found.Fault, found.Answer));
    }

    /// <summary>The session has ended before it could answer.</summary>
    private static void RefuseAll(SessionEntry entry)
    {
        foreach (AskFact question in entry.Asked)
            question.Connection.Tell(Refuse(question.RequestId, PoolError.ControlKeyNotFound));
    }

    private SessionEntry? Find(ControlKey key) => _byKey.TryGetValue(key, out SessionEntry? entry) && !entry.IsEnding ? entry : null;

    private static ControlDone Refuse(ushort requestId, PoolError error) => new(requestId, new PoolFault(error));

    private static string What(AskFact question) => question.Question switch
    {
        InfoMessage info => $"INFO {info.Kind}",
        _ => "keying material exported",
    };

    /// <summary>A key that is taken may have been guessed: it is not forgotten.</summary>
    private void RecordNotBegun(SessionRequest request, PoolFault fault) =>
        _services.Audit.Record(request.Event(AuditKind.SessionSetup, allowed: false, fault.ToMessage().Text));

    private void Record(SessionEntry? entry, PeerCredentials application, PoolError? error, string what) =>
        Record(entry, application, error is { } refused ? new PoolFault(refused) : null, what);

    private void Record(SessionEntry? entry, PeerCredentials application, PoolFault? fault, string what) =>
        _services.Audit.Record(new AuditEvent(AuditKind.SessionControl, fault is null, fault is null ? what : $"{what}: {fault.ToMessage().Text}")
        {
            Application = application,
            Session = entry?.Number ?? 0,
        });
}
