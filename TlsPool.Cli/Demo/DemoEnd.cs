namespace TlsPool.Cli.Demo;

/// <summary>How long a demo goes on once its page has been fetched.</summary>
internal enum DemoEnd
{
    /// <summary>No longer: nobody is there to look.</summary>
    AtOnce,

    /// <summary>Until the user presses Enter.</summary>
    OnEnter,

    /// <summary>Until a signal ends it.</summary>
    OnSignal,
}
