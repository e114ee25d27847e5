using System.Net.Sockets;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Client;

/// <summary>
/// An established session. It belongs to the client's connection to the pool and ends with it, unless it was started with
/// <see cref="StartTlsFlags.Fork"/> or <see cref="StartTlsFlags.Detach"/>, or is detached later.
/// </summary>
public sealed class TlsSession : IDisposable
{
    private SafeDescriptor? _plaintext;
    private Socket? _socket;

    internal TlsSession(StartTlsMessage result, SafeDescriptor? plaintext)
    {
        Identities = new ValidatedIdentities(result.LocalId, result.RemoteId, result.ControlKey);
        Flags = result.Flags;
        Service = result.Service;
        _plaintext = plaintext;
    }

    /// <summary>Both sides, validated.</summary>
    public ValidatedIdentities Identities { get; }

    /// <summary>This side, validated.</summary>
    public string LocalId => Identities.LocalId;

    /// <summary>The other side, validated.</summary>
    public string RemoteId => Identities.RemoteId;

    /// <summary>Key that controls the session.</summary>
    public ControlKey ControlKey => Identities.ControlKey;

    /// <summary>Flags of the session as granted.</summary>
    public StartTlsFlags Flags { get; }

    /// <summary>Service name as granted.</summary>
    public string Service { get; }

    /// <summary>The plaintext side, connected; it belongs to this object. End of data there is the other side's close_notify.</summary>
    /// <exception cref="InvalidOperationException">The plaintext descriptor was the application's own, or was taken.</exception>
    public Socket Socket => _socket ??= new Socket(new SafeSocketHandle(TakeDescriptor().Detach(), ownsHandle: true));

    /// <summary>A stream over <see cref="Socket"/>; disposing it disposes the socket.</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="Socket"/>.</exception>
    public NetworkStream OpenStream() => new(Socket, ownsSocket: true);

    /// <summary>Takes the plaintext descriptor, to be used without the .NET socket.</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="Socket"/>, or that one is in use.</exception>
    public SafeDescriptor TakeDescriptor() => Interlocked.Exchange(ref _plaintext, null)
        ?? throw new InvalidOperationException("the plaintext side is not here: it was the application's own, or was taken already");

    /// <summary>Closes the plaintext side, if it is still here; the session ends for lack of it.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _plaintext, null)?.Dispose();
        _socket?.Dispose();
    }
}
