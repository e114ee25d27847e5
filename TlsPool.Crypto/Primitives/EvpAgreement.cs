using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Interop;

namespace TlsPool.Crypto.Primitives;

/// <summary>Ephemeral Diffie-Hellman over libcrypto: X25519, P-256, P-384.</summary>
internal sealed class EvpAgreement(EngineCrypto crypto, int group) : TlsAgreement
{
    private EvpKey? _key;
    private byte[] _peer = [];

    private int PublicSize => group switch { NamedGroup.secp256r1 => 65, NamedGroup.secp384r1 => 97, _ => 32 };

    private int SecretSize => group == NamedGroup.secp384r1 ? 48 : 32;

    /// <summary>True for the groups that this class serves.</summary>
    internal static bool Serves(int group) => group is NamedGroup.x25519 or NamedGroup.secp256r1 or NamedGroup.secp384r1;

    public byte[] GenerateEphemeral()
    {
        _key = group switch
        {
            NamedGroup.secp256r1 => EvpKey.OnCurve("P-256\0"u8),
            NamedGroup.secp384r1 => EvpKey.OnCurve("P-384\0"u8),
            _ => EvpKey.X25519(),
        };
        return _key.PublicKey();
    }

    public void ReceivePeerValue(byte[] peerValue)
    {
        if (peerValue.Length != PublicSize || (PublicSize != 32 && peerValue[0] != 4))
            throw new TlsFatalAlert(AlertDescription.illegal_parameter);
        _peer = peerValue;
    }

    public TlsSecret CalculateSecret()
    {
        using EvpKey key = _key ?? throw new TlsFatalAlert(AlertDescription.internal_error);
        byte[] secret = key.Derive(_peer, SecretSize) ?? throw new TlsFatalAlert(AlertDescription.illegal_parameter);
        return crypto.CreateSecret(secret);
    }
}
