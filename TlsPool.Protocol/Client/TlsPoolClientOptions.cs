using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Client;

/// <summary>How a <see cref="TlsPoolClient"/> reaches its pool.</summary>
public sealed record TlsPoolClientOptions
{
    /// <summary>Path of the pool's socket; null to look it up (<see cref="PoolSocketPath"/>).</summary>
    public string? SocketPath { get; init; }

    /// <summary>
    /// A loop to share; null for one of the client's own. A shared loop has to live longer than the client. On one that resumes awaits,
    /// callbacks run on its thread and must not block.
    /// </summary>
    public EventLoop? Loop { get; init; }

    /// <summary>
    /// How long a request waits for a pool that was there before and is gone: a restart, usually. The first connection is not
    /// waited for. Zero or more, 5 s by default.
    /// </summary>
    public TimeSpan ReconnectTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause after the first failed attempt to connect; it doubles with each further one. 50 ms by default.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause between two attempts. 2 s by default.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
