using System.Globalization;
using TlsPool.Actors.Management.Access;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Http.Connections;

/// <summary>Who is at the other end of a connection: a feature of it. What they may do is looked up for each request, as it may change.</summary>
/// <param name="Process">A process of this host; null if it came over TLS.</param>
/// <param name="Identity">The identity that was proven over TLS; empty for none.</param>
internal sealed record HttpCaller(PeerCredentials? Process, string Identity)
{
    /// <summary>Whom connections are counted for.</summary>
    internal string Account => Process is { } process ? process.UserId.ToString(CultureInfo.InvariantCulture) : $"identity {Identity}";

    /// <summary>Who that is now.</summary>
    internal Principal Principal(ManagementAccess access) => Process is { } process ? access.Of(process) : access.Of(Identity);
}
