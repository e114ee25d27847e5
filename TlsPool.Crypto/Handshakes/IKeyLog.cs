namespace TlsPool.Crypto.Handshakes;

/// <summary>Writes traffic secrets for a debugger. Only ever configured on purpose, and with a loud warning.</summary>
public interface IKeyLog
{
    /// <summary>Writes one line of the NSS key log format.</summary>
    /// <param name="label">Such as <c>CLIENT_TRAFFIC_SECRET_0</c> or <c>CLIENT_RANDOM</c>.</param>
    /// <param name="clientRandom">32 bytes.</param>
    /// <param name="secret">The secret.</param>
    void Write(string label, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> secret);
}
