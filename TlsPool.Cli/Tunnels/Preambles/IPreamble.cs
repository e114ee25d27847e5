namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>What a protocol says in the clear before TLS begins.</summary>
internal interface IPreamble
{
    /// <summary>Speaks with a network client, as a server that offers TLS, until the client has begun it.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    Task ServeAsync(ServedPreamble served);

    /// <summary>Speaks with a network server, as a client that wants TLS, until the server has agreed.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    Task AskAsync(AskedPreamble asked);
}
