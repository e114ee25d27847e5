using System.Runtime.InteropServices;

namespace TlsPool.Crypto.Interop;

/// <summary>The few functions of OpenSSL 3's libcrypto that .NET does not reach, or reaches slowly.</summary>
internal static unsafe partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library)]
    internal static partial nint EVP_PKEY_Q_keygen(nint context, nint properties, byte* type);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_Q_keygen")]
    internal static partial nint EVP_PKEY_Q_keygen_curve(nint context, nint properties, byte* type, byte* curve);

    [LibraryImport(Library)]
    internal static partial nuint EVP_PKEY_get1_encoded_public_key(nint key, nint* encoded);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_set1_encoded_public_key(nint key, byte* encoded, nuint length);

    [LibraryImport(Library)]
    internal static partial nint EVP_PKEY_new();

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_copy_parameters(nint to, nint from);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    internal static partial nint EVP_PKEY_CTX_new(nint key, nint engine);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_CTX_free(nint context);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_derive_init(nint context);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_derive_set_peer(nint context, nint key);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_derive(nint context, byte* secret, nuint* length);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int SHA256_Init(void* context);

    [LibraryImport(Library)]
    internal static partial int SHA256_Update(void* context, byte* data, nuint length);

    [LibraryImport(Library)]
    internal static partial int SHA256_Final(byte* digest, void* context);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int SHA384_Init(void* context);

    [LibraryImport(Library)]
    internal static partial int SHA384_Update(void* context, byte* data, nuint length);

    [LibraryImport(Library)]
    internal static partial int SHA384_Final(byte* digest, void* context);

    [LibraryImport(Library)]
    internal static partial void CRYPTO_free(nint memory, nint file, int line);
}
