using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Model;

/// <summary>
/// What ought to be true of sessions, the connections that control them and the program that is asked for local identities. Small on purpose:
/// it says what behaviour.md says and nothing about how.
/// </summary>
internal sealed class ControlModel
{
    private readonly Dictionary<int, Session> _sessions = [];
    private readonly HashSet<int> _waiting = [];

    /// <summary>Where a session is in its life.</summary>
    internal enum Stage
    {
        /// <summary>The program is asked about it, or will be.</summary>
        Waiting,

        /// <summary>Bytes flow.</summary>
        Established,

        /// <summary>Over, or never come about.</summary>
        Over,
    }

    /// <summary>True while a program chooses local identities.</summary>
    internal bool HasProgram { get; private set; }

    /// <summary>The session that the program is asked about; null while it is idle. It may be over: the program still has the question.</summary>
    internal int? Asked { get; private set; }

    /// <summary>True if the program has to be asked something now.</summary>
    internal bool OwesQuestion => HasProgram && Asked is null && _waiting.Count > 0;

    internal IEnumerable<int> In(Stage stage) => _sessions.Where(entry => entry.Value.Stage == stage).Select(entry => entry.Key);

    internal Stage StageOf(int session) => _sessions[session].Stage;

    internal int? ControllerOf(int session) => _sessions[session].Controller;

    internal int RenewalsOf(int session) => _sessions[session].Renewals;

    internal int? RenewalAskerOf(int session) => _sessions[session].RenewalAsker;

    /// <summary>What DETACH by a connection without any session would say.</summary>
    internal PoolError View(int session) => _sessions[session] switch
    {
        { Stage: not Stage.Established } => PoolError.ControlKeyNotFound,
        { Controller: null } => PoolError.ControlKeyDetached,
        _ => PoolError.ControlKeyNotYours,
    };

    /// <summary>A program registers.</summary>
    internal PoolError Register()
    {
        if (HasProgram)
            return PoolError.LidEntryNotVacant;
        HasProgram = true;
        return PoolError.None;
    }

    /// <summary>The program's connection closes: what it was asked is refused, and nobody is asked about the others.</summary>
    /// <returns>Sessions that are established now, and the one that failed.</returns>
    internal (IReadOnlyList<int> Established, int? Failed) ProgramCloses()
    {
        HasProgram = false;
        int? failed = Asked is { } asked && _sessions[asked].Stage == Stage.Waiting ? asked : null;
        if (failed is { } refused)
            _sessions[refused].Stage = Stage.Over;
        Asked = null;
        int[] free = [.. _waiting];
        _waiting.Clear();
        foreach (int session in free)
            Establish(session);
        return (free, failed);
    }

    /// <summary>A session is asked for. True if it has to wait for the program.</summary>
    internal bool Start(int session, int connection, bool fork, bool detach)
    {
        _sessions[session] = new Session { Asker = connection, Fork = fork, Detach = detach };
        if (!HasProgram)
        {
            Establish(session);
            return false;
        }
        _waiting.Add(session);
        return true;
    }

    /// <summary>The program is asked about a session: which of those that wait is the pool's choice, but only one at a time.</summary>
    /// <returns>False if nothing was to be asked about it.</returns>
    internal bool Ask(int session)
    {
        if (Asked is not null || !HasProgram || !(_waiting.Remove(session) || _sessions[session].Stage == Stage.Over))
            return false;
        Asked = session;
        return true;
    }

    /// <summary>The program answers what it was asked.</summary>
    /// <returns>The session that it was about and that lives; null if that was over.</returns>
    internal int? Answer(bool willing)
    {
        int session = Asked!.Value;
        Asked = null;
        bool alive = _sessions[session].Stage == Stage.Waiting;
        if (alive && willing)
            Establish(session);
        else
            _sessions[session].Stage = Stage.Over;
        return alive ? session : null;
    }

    /// <summary>The setup's time is over, or its application is gone, before the program answered. The program may still have the question.</summary>
    internal void GiveUp(int session)
    {
        _sessions[session].Stage = Stage.Over;
        _waiting.Remove(session);
    }

    /// <summary>A connection closes.</summary>
    /// <returns>Setups that it takes along.</returns>
    internal IReadOnlyList<int> Close(int connection)
    {
        int[] setups = [.. In(Stage.Waiting).Where(session => _sessions[session].Asker == connection)];
        foreach (int setup in setups)
            GiveUp(setup);
        foreach (Session session in _sessions.Values.Where(session => session.Controller == connection))
        {
            session.Controller = null;
            if (!session.Fork)
                session.Stage = Stage.Over;
        }
        foreach (Session session in _sessions.Values.Where(session => session.RenewalAsker == connection))
            session.RenewalAsker = Nobody;
        return setups;
    }

    internal void End(int session)
    {
        _sessions[session].Stage = Stage.Over;
        _sessions[session].RenewalAsker = null;
    }

    internal PoolError Detach(int session, int connection)
    {
        PoolError error = _sessions[session] switch
        {
            { Stage: not Stage.Established } => PoolError.ControlKeyNotFound,
            { Controller: null } => PoolError.ControlKeyDetached,
            { Controller: var controller } when controller != connection => PoolError.ControlKeyNotYours,
            _ => PoolError.None,
        };
        if (error == PoolError.None)
            _sessions[session].Controller = null;
        return error;
    }

    internal PoolError Reattach(int session, int connection)
    {
        PoolError error = _sessions[session] switch
        {
            { Stage: not Stage.Established } => PoolError.ControlKeyNotFound,
            { Controller: not null } => PoolError.ControlKeyAttached,
            _ => PoolError.None,
        };
        if (error == PoolError.None)
            _sessions[session].Controller = connection;
        return error;
    }

    /// <summary>RENEGOTIATE begins; NONE if it does.</summary>
    internal PoolError Renew(int session, int connection)
    {
        PoolError error = _sessions[session] switch
        {
            { Stage: not Stage.Established } => PoolError.RenegotiateNotFound,
            { Controller: null } => PoolError.ControlKeyDetached,
            { Controller: var controller } when controller != connection => PoolError.ControlKeyNotYours,
            { RenewalAsker: not null } => PoolError.RenegotiateNotInterruptable,
            _ => PoolError.None,
        };
        if (error == PoolError.None)
        {
            _sessions[session].RenewalAsker = connection;
            _sessions[session].Renewals++;
        }
        return error;
    }

    internal void Renewed(int session) => _sessions[session].RenewalAsker = null;

    /// <summary>A connection that has closed.</summary>
    private const int Nobody = -1;

    private void Establish(int session)
    {
        Session established = _sessions[session];
        established.Stage = Stage.Established;
        established.Controller = established.Detach ? null : established.Asker;
    }

    private sealed class Session
    {
        internal required int Asker { get; init; }

        internal required bool Fork { get; init; }

        internal required bool Detach { get; init; }

        internal Stage Stage { get; set; }

        internal int? Controller { get; set; }

        internal int Renewals { get; set; }

        internal int? RenewalAsker { get; set; }
    }
}
