using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Client;

/// <summary>
/// Gives the descriptor that the pool will write plaintext to and read it from: a connected stream socket. It is handed over. Runs on
/// a thread of the pool of threads. An exception refuses the session, and is the inner exception of the failure that follows.
/// </summary>
/// <param name="identities">What the handshake has proved.</param>
/// <param name="cancellation">The request's own token.</param>
public delegate ValueTask<SafeDescriptor> PlaintextConnect(ValidatedIdentities identities, CancellationToken cancellation);
