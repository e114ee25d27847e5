using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>A private key of a token, as one session sees it.</summary>
/// <param name="Handle">Its handle.</param>
/// <param name="Algorithm">Its algorithm.</param>
/// <param name="Id">Its CKA_ID, which its public key shares.</param>
/// <param name="Label">Its CKA_LABEL.</param>
internal sealed record FoundKey(IObjectHandle Handle, KeyAlgorithm Algorithm, byte[] Id, byte[] Label)
{
    /// <summary>Reads what a private key is; null if it is none that signs handshakes.</summary>
    internal static FoundKey? Read(ISession session, IObjectHandle handle)
    {
        List<IObjectAttribute> known = session.GetAttributeValue(handle, [CKA.CKA_KEY_TYPE, CKA.CKA_ID, CKA.CKA_LABEL]);
        KeyAlgorithm? algorithm = (CKK)known[0].GetValueAsUlong() switch
        {
            CKK.CKK_RSA => KeyAlgorithm.Rsa,
            CKK.CKK_EC => Curve(session, handle),
            (CKK)Pkcs11Numbers.EdwardsKey => IsEdwards25519(session, handle) ? KeyAlgorithm.Ed25519 : null,
            _ => null,
        };
        return algorithm is { } kind ? new FoundKey(handle, kind, Bytes(known[1]), Bytes(known[2])) : null;
    }

    /// <summary>The value of an attribute, or nothing if the token keeps it to itself.</summary>
    internal static byte[] Bytes(IObjectAttribute attribute) => attribute.CannotBeRead ? [] : attribute.GetValueAsByteArray() ?? [];

    // By name, by the object identifier of RFC 8410, or by an older one; Ed448 has others.
    private static bool IsEdwards25519(ISession session, IObjectHandle handle)
    {
        byte[] parameters = Bytes(session.GetAttributeValue(handle, [CKA.CKA_EC_PARAMS])[0]);
        return Pkcs11Numbers.Edwards25519Names.Any(name => parameters.AsSpan().SequenceEqual(name));
    }

    private static KeyAlgorithm? Curve(ISession session, IObjectHandle handle)
    {
        byte[] parameters = Bytes(session.GetAttributeValue(handle, [CKA.CKA_EC_PARAMS])[0]);
        foreach ((KeyAlgorithm algorithm, byte[] curve) in Pkcs11Numbers.Curves)
        {
            if (parameters.AsSpan().SequenceEqual(curve))
                return algorithm;
        }
        return null;
    }
}
