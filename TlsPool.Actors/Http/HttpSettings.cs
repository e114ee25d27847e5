using Microsoft.Extensions.Logging;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Http.Connections;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Http;

/// <summary>What HTTP is made of. At least one of the two ways in is there.</summary>
internal sealed record HttpSettings
{
    /// <summary>The UNIX socket, handed over; null for none.</summary>
    internal required ServerSocket? Socket { get; init; }

    /// <summary>Where HTTP comes in over TLS; null for nowhere.</summary>
    internal required PoolTlsEndPoint? Tls { get; init; }

    /// <summary>The name that clients over TLS call it by; empty for none.</summary>
    internal required string Name { get; init; }

    /// <summary>Does what is asked for.</summary>
    internal required ManagementDesk Desk { get; init; }

    /// <summary>Says who may.</summary>
    internal required ManagementAccess Access { get; init; }

    /// <summary>What there is to tell about.</summary>
    internal required ManagementServices Services { get; init; }

    /// <summary>Lines of the log that were dropped.</summary>
    internal required Func<long> DroppedLines { get; init; }

    /// <summary>Log of the facility DAEMON.</summary>
    internal required ILogger Log { get; init; }
}
