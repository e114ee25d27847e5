using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.OnTheFly;

/// <summary>What sessions ask of the <see cref="OnTheFlyActor"/>.</summary>
public static class OnTheFlyProtocol
{
    /// <summary>Make a credential. Answered by <see cref="Made"/> or <see cref="NotMade"/> in bounded time.</summary>
    /// <param name="Authority">Who vouches for it.</param>
    /// <param name="Identity">Whom it stands for; nothing is asked about whether it may.</param>
    /// <param name="Role">The role it is shown in.</param>
    /// <param name="Service">IANA name of the service; empty if unknown.</param>
    public sealed record Make(SigningAuthority Authority, DoNai Identity, TlsRole Role, string Service);

    /// <summary>A credential that is good for another minute at least.</summary>
    public sealed record Made(Credential Credential);

    /// <summary>There is none.</summary>
    /// <param name="Reason">What happened and what to do.</param>
    public sealed record NotMade(string Reason);
}
