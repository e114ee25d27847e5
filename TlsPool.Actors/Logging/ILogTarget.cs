namespace TlsPool.Actors.Logging;

/// <summary>Where lines go. Called by one thread; may block it.</summary>
public interface ILogTarget : IDisposable
{
    /// <summary>Writes a line. A target that cannot write drops it: there is nowhere to complain.</summary>
    void Write(in LogLine line);
}
