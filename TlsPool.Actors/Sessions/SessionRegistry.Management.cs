using Akka.Actor;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>What people who manage the pool do with sessions. They name them by number: control keys are secrets of applications.</content>
public sealed partial class SessionRegistry
{
    private Managed Answer(End end)
    {
        if (_services.Sessions.Find(end.Number) is not { } entry)
            return new Managed(ManagedOutcome.NoSession);
        entry.IsEnding = true;
        entry.Session.Tell(new EndAll($"the session was ended by {end.By}"));
        return new Managed(ManagedOutcome.Done);
    }

    private Managed Answer(Release release)
    {
        SessionEntry? entry = _services.Sessions.Find(release.Number);
        ManagedOutcome outcome =
            entry is null ? ManagedOutcome.NoSession
            : !entry.IsEstablished || entry.IsEnding ? ManagedOutcome.NotEstablished
            : entry.Controller is null ? ManagedOutcome.IsDetached
            : entry.Key.IsZero ? ManagedOutcome.NoKey
            : ManagedOutcome.Done;
        if (outcome == ManagedOutcome.Done)
        {
            entry!.Controller = null;
            entry.Session.Tell(new ControllerChanged(null));
        }
        return new Managed(outcome);
    }
}
