namespace TlsPool.Actors.Sessions;

/// <summary>What an application may be where the other side may be client or server.</summary>
public enum PeerPart
{
    /// <summary>The other side has one role.</summary>
    None,

    /// <summary>The client, whatever the other side would rather be.</summary>
    Client,

    /// <summary>The server, whatever the other side would rather be.</summary>
    Server,

    /// <summary>What comes out of the handshake.</summary>
    Either,
}
