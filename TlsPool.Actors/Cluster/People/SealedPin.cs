using System.Security.Cryptography;

namespace TlsPool.Actors.Cluster.People;

/// <summary>
/// A PIN on its way to the node of its token, which no node in between can read: ECDH with P-256 between a key of the token's and one of the
/// moment, HKDF with SHA-256, and AES-256-GCM over the PIN in a field of constant size, so that its length does not show either.
/// <code>
/// x y of the moment's key (64) │ length, PIN, zeros (128) sealed │ tag (16)
/// </code>
/// </summary>
internal static class SealedPin
{
    /// <summary>Bytes of a public key.</summary>
    internal const int PublicSize = 2 * CoordinateSize;

    /// <summary>Bytes of a sealed PIN.</summary>
    internal const int Size = PublicSize + FieldSize + TagSize;

    private const int CoordinateSize = 32;
    private const int FieldSize = 128;
    private const int TagSize = 16;
    private const int KeySize = 32;
    private const int NonceSize = 12;

    /// <summary>A new key.</summary>
    internal static ECDiffieHellman NewKey() => ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The public half of a key.</summary>
    internal static byte[] PublicOf(ECDiffieHellman key)
    {
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        return [.. point.X!, .. point.Y!];
    }

    /// <summary>Seals a PIN; it stays as it is.</summary>
    /// <exception cref="CryptographicException">That is no key.</exception>
    internal static byte[] Seal(ReadOnlySpan<byte> pin, ReadOnlySpan<byte> tokenKey, PinContext context)
    {
        using ECDiffieHellman moment = NewKey();
        byte[] sealedPin = new byte[Size];
        PublicOf(moment).CopyTo(sealedPin, 0);
        Span<byte> key = stackalloc byte[KeySize];
        Span<byte> field = stackalloc byte[FieldSize];
        try
        {
            if (pin.Length >= FieldSize)
                throw new CryptographicException("no PIN is that long");
            Agree(moment, tokenKey, tokenKey, sealedPin.AsSpan(0, PublicSize), key);
            field.Clear();
            field[0] = (byte)pin.Length;
            pin.CopyTo(field[1..]);
            using var cipher = new AesGcm(key, TagSize);
            // The key is used once, so that its nonce may be constant.
            cipher.Encrypt(
                new byte[NonceSize], field, sealedPin.AsSpan(PublicSize, FieldSize), sealedPin.AsSpan(PublicSize + FieldSize), context.ToBytes());
            return sealedPin;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(field);
        }
    }

    /// <summary>Opens a PIN.</summary>
    /// <returns>The PIN, in memory that stays where it is; null if it was not sealed for this key and context.</returns>
    internal static byte[]? TryOpen(ReadOnlySpan<byte> sealedPin, ECDiffieHellman tokenKey, PinContext context)
    {
        if (sealedPin.Length != Size)
            return null;
        Span<byte> key = stackalloc byte[KeySize];
        Span<byte> field = stackalloc byte[FieldSize];
        try
        {
            Agree(tokenKey, sealedPin[..PublicSize], PublicOf(tokenKey), sealedPin[..PublicSize], key);
            using var cipher = new AesGcm(key, TagSize);
            cipher.Decrypt(
                new byte[NonceSize], sealedPin.Slice(PublicSize, FieldSize), sealedPin[(PublicSize + FieldSize)..], field, context.ToBytes());
            if (field[0] >= FieldSize)
                return null;
            byte[] pin = GC.AllocateUninitializedArray<byte>(field[0], pinned: true);
            field.Slice(1, pin.Length).CopyTo(pin);
            return pin;
        }
        catch (CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(field);
        }
    }

    private static void Agree(ECDiffieHellman own, ReadOnlySpan<byte> other, ReadOnlySpan<byte> tokenKey, ReadOnlySpan<byte> momentKey, Span<byte> key)
    {
        if (other.Length != PublicSize)
            throw new CryptographicException("that is no key");
        // Points that are not on the curve are refused here.
        using ECDiffieHellman peer = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = other[..CoordinateSize].ToArray(), Y = other[CoordinateSize..].ToArray() },
        });
        using ECDiffieHellmanPublicKey peerKey = peer.PublicKey;
        byte[] secret = own.DeriveRawSecretAgreement(peerKey);
        byte[] info = [.. "tlspool pin 1"u8, .. tokenKey, .. momentKey];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: [], info);
        CryptographicOperations.ZeroMemory(secret);
    }
}
