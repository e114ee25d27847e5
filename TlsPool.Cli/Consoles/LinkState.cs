using TlsPool.Actors.Management.Remoting;

namespace TlsPool.Cli.Consoles;

/// <summary>How the connection with the node is.</summary>
/// <param name="IsConnected">True if it can be asked.</param>
/// <param name="Greeting">What it said last; null if it has never been reached.</param>
/// <param name="Reason">Why it is not connected; empty before the first try has failed.</param>
/// <param name="RetryAt">When it is tried again; null while it is.</param>
internal sealed record LinkState(bool IsConnected, Greeting? Greeting, string Reason, DateTimeOffset? RetryAt);
