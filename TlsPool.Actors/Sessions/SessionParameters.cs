using System.Text;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions;

/// <summary>What a handshake negotiated, for people.</summary>
/// <param name="Version">Version of TLS.</param>
/// <param name="CipherSuite">IANA number.</param>
/// <param name="Group">IANA number of the key exchange group; 0 for none.</param>
/// <param name="Resumed">True if an earlier session was resumed.</param>
public readonly record struct SessionParameters(TlsVersion Version, int CipherSuite, int Group, bool Resumed)
{
    /// <summary>The parameters of an outcome.</summary>
    public static SessionParameters Of(HandshakeOutcome outcome) =>
        new(outcome.Version, outcome.CipherSuite, outcome.Group, outcome.Resumed);

    /// <summary>As the answer to INFO with <see cref="InfoKind.SessionParameters"/>.</summary>
    public InfoMessage ToInfo(ControlKey key)
    {
        byte[] text = Encoding.ASCII.GetBytes(ToString());
        return new InfoMessage(key, InfoKind.SessionParameters, (ushort)text.Length, text);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Version == TlsVersion.Tls13 ? "TLS 1.3" : "TLS 1.2")} {TlsNames.CipherSuite(CipherSuite)} {TlsNames.Group(Group)} resumed {(Resumed ? "yes" : "no")}";
}
