using System.Formats.Asn1;
using System.Numerics;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Net.Pkcs11Interop.HighLevelAPI.Factories;

namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>Reads the public half of a token's key as SubjectPublicKeyInfo.</summary>
internal static class Pkcs11PublicKey
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string EllipticCurveKey = "1.2.840.10045.2.1";
    private const string Ed25519 = "1.3.101.112";
    private const byte OctetString = 0x04;

    /// <summary>DER of the SubjectPublicKeyInfo; empty if the token does not give it.</summary>
    internal static byte[] Read(ISession session, IObjectAttributeFactory attributes, FoundKey key)
    {
        if (key.Algorithm == KeyAlgorithm.Rsa)
            return Rsa(session, key);
        byte[] point = Point(session, attributes, key);
        if (point.Length == 0)
            return [];
        return key.Algorithm == KeyAlgorithm.Ed25519
            ? Info(writer => writer.WriteObjectIdentifier(Ed25519), point)
            : Info(
                writer =>
                {
                    writer.WriteObjectIdentifier(EllipticCurveKey);
                    writer.WriteEncodedValue(Pkcs11Numbers.Curves.First(curve => curve.Algorithm == key.Algorithm).Curve);
                },
                point);
    }

    private static byte[] Rsa(ISession session, FoundKey key)
    {
        // The private key object has both, public by nature (PKCS #11 section 2.1.3).
        List<IObjectAttribute> numbers = session.GetAttributeValue(key.Handle, [CKA.CKA_MODULUS, CKA.CKA_PUBLIC_EXPONENT]);
        byte[] modulus = FoundKey.Bytes(numbers[0]), exponent = FoundKey.Bytes(numbers[1]);
        if (modulus.Length == 0 || exponent.Length == 0)
            return [];
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(modulus, isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(exponent, isUnsigned: true, isBigEndian: true));
        }
        return Info(
            algorithm =>
            {
                algorithm.WriteObjectIdentifier(RsaEncryption);
                algorithm.WriteNull();
            },
            writer.Encode());
    }

    private static byte[] Point(ISession session, IObjectAttributeFactory attributes, FoundKey key)
    {
        List<IObjectAttribute> wanted = [attributes.Create(CKA.CKA_CLASS, CKO.CKO_PUBLIC_KEY)];
        wanted.Add(key.Id.Length > 0 ? attributes.Create(CKA.CKA_ID, key.Id) : attributes.Create(CKA.CKA_LABEL, key.Label));
        if (session.FindAllObjects(wanted) is not [var handle, ..])
            return [];
        byte[] point = FoundKey.Bytes(session.GetAttributeValue(handle, [CKA.CKA_EC_POINT])[0]);
        // An OCTET STRING by the standard; some modules leave its header out.
        return point.Length > 2 && point[0] == OctetString && TryUnwrap(point) is { } inner ? inner : point;
    }

    private static byte[]? TryUnwrap(byte[] point)
    {
        try
        {
            byte[] inner = AsnDecoder.ReadOctetString(point, AsnEncodingRules.BER, out int read);
            return read == point.Length ? inner : null;
        }
        catch (AsnContentException)
        {
            // A bare point begins with the same byte.
            return null;
        }
    }

    private static byte[] Info(Action<AsnWriter> algorithm, byte[] key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
                algorithm(writer);
            writer.WriteBitString(key);
        }
        return writer.Encode();
    }
}
