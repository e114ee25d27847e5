using System.Text;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Net.Pkcs11Interop.HighLevelAPI.Factories;

namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>Makes key pairs that stay in a token.</summary>
internal static class Pkcs11Generation
{
    /// <summary>Makes a pair: the private key cannot be extracted, and only signs.</summary>
    internal static void Generate(ISession session, Pkcs11InteropFactories factories, KeyParameters parameters, string label, byte[] id)
    {
        IObjectAttributeFactory make = factories.ObjectAttributeFactory;
        byte[] name = Encoding.UTF8.GetBytes(label);
        List<IObjectAttribute> shared = [make.Create(CKA.CKA_TOKEN, true), make.Create(CKA.CKA_LABEL, name), make.Create(CKA.CKA_ID, id)];
        List<IObjectAttribute> publicHalf = [.. shared, make.Create(CKA.CKA_VERIFY, true), .. Kind(make, parameters), .. Unused(make, CKA.CKA_ENCRYPT, CKA.CKA_WRAP)];
        List<IObjectAttribute> privateHalf =
        [
            .. shared,
            make.Create(CKA.CKA_PRIVATE, true),
            make.Create(CKA.CKA_SENSITIVE, true),
            make.Create(CKA.CKA_EXTRACTABLE, false),
            make.Create(CKA.CKA_SIGN, true),
            .. Unused(make, CKA.CKA_DECRYPT, CKA.CKA_UNWRAP),
        ];
        ulong mechanism = parameters.Algorithm switch
        {
            KeyAlgorithm.Rsa => (ulong)CKM.CKM_RSA_PKCS_KEY_PAIR_GEN,
            KeyAlgorithm.Ed25519 => Pkcs11Numbers.EdwardsKeyPairGeneration,
            KeyAlgorithm.EcdsaP256 or KeyAlgorithm.EcdsaP384 or KeyAlgorithm.EcdsaP521 => (ulong)CKM.CKM_EC_KEY_PAIR_GEN,
            _ => throw new TokenException(TokenFault.MechanismMissing, $"keys of {parameters} cannot be made in tokens"),
        };
        using IMechanism generation = factories.MechanismFactory.Create(mechanism);
        session.GenerateKeyPair(generation, publicHalf, privateHalf, out _, out _);
    }

    /// <summary>What many tokens let any key do unless told otherwise (PKCS #11, common attributes of public and private keys).</summary>
    private static IEnumerable<IObjectAttribute> Unused(IObjectAttributeFactory make, params CKA[] uses) => uses.Select(use => make.Create(use, false));

    private static IObjectAttribute[] Kind(IObjectAttributeFactory make, KeyParameters parameters) => parameters.Algorithm switch
    {
        KeyAlgorithm.Rsa =>
        [
            make.Create(CKA.CKA_MODULUS_BITS, (ulong)parameters.RsaBits),
            make.Create(CKA.CKA_PUBLIC_EXPONENT, new byte[] { 1, 0, 1 }),
        ],
        KeyAlgorithm.Ed25519 => [make.Create(CKA.CKA_EC_PARAMS, Pkcs11Numbers.Edwards25519)],
        _ => [make.Create(CKA.CKA_EC_PARAMS, Pkcs11Numbers.Curves.FirstOrDefault(curve => curve.Algorithm == parameters.Algorithm).Curve ?? [])],
    };
}
