using Microsoft.Win32.SafeHandles;

namespace TlsPool.Crypto.Interop;

/// <summary>An ephemeral key pair of libcrypto for one key agreement.</summary>
internal sealed unsafe class EvpKey : SafeHandleZeroOrMinusOneIsInvalid
{
    private EvpKey(nint key)
        : base(ownsHandle: true) => SetHandle(key);

    /// <summary>Makes a key pair on a NIST curve, <c>P-256</c> or <c>P-384</c> with its NUL.</summary>
    internal static EvpKey OnCurve(ReadOnlySpan<byte> curve)
    {
        fixed (byte* type = "EC\0"u8, name = curve)
            return Checked(LibCrypto.EVP_PKEY_Q_keygen_curve(0, 0, type, name));
    }

    /// <summary>Makes an X25519 key pair.</summary>
    internal static EvpKey X25519()
    {
        fixed (byte* type = "X25519\0"u8)
            return Checked(LibCrypto.EVP_PKEY_Q_keygen(0, 0, type));
    }

    /// <summary>The public key as TLS carries it: an uncompressed point, or 32 bytes.</summary>
    internal byte[] PublicKey()
    {
        nint encoded;
        nuint length = LibCrypto.EVP_PKEY_get1_encoded_public_key(handle, &encoded);
        if (length == 0)
            throw new InvalidOperationException("libcrypto gave no public key");
        byte[] copy = new ReadOnlySpan<byte>((void*)encoded, (int)length).ToArray();
        LibCrypto.CRYPTO_free(encoded, 0, 0);
        return copy;
    }

    /// <summary>The shared secret with a peer; null if its key is no valid point, or the secret would be zero (RFC 7748 section 6.1).</summary>
    internal byte[]? Derive(ReadOnlySpan<byte> peerKey, int size)
    {
        nint peer = LibCrypto.EVP_PKEY_new();
        nint context = 0;
        try
        {
            byte[] secret = new byte[size];
            nuint length = (nuint)size;
            fixed (byte* encoded = peerKey, output = secret)
            {
                if (LibCrypto.EVP_PKEY_copy_parameters(peer, handle) <= 0
                    || LibCrypto.EVP_PKEY_set1_encoded_public_key(peer, encoded, (nuint)peerKey.Length) <= 0)
                    return null;
                context = LibCrypto.EVP_PKEY_CTX_new(handle, 0);
                return LibCrypto.EVP_PKEY_derive_init(context) > 0
                    && LibCrypto.EVP_PKEY_derive_set_peer(context, peer) > 0
                    && LibCrypto.EVP_PKEY_derive(context, output, &length) > 0
                    && (int)length == size
                        ? secret
                        : null;
            }
        }
        finally
        {
            if (context != 0)
                LibCrypto.EVP_PKEY_CTX_free(context);
            LibCrypto.EVP_PKEY_free(peer);
        }
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }

    private static EvpKey Checked(nint key) => key != 0 ? new EvpKey(key) : throw new InvalidOperationException("libcrypto makes no key");
}
