namespace TlsPool.Cli.Pins;

/// <summary>When serving PINs begins and ends.</summary>
internal enum PinServiceLife
{
    /// <summary>There has to be a pool at the beginning; goes on until cancelled.</summary>
    Own,

    /// <summary>As <see cref="Own"/>, but for one token's PIN.</summary>
    OneToken,

    /// <summary>That of the daemon in this process, which may not have begun yet.</summary>
    Daemons,
}
