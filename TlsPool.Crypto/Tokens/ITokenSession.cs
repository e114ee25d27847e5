using TlsPool.Crypto.Keys;

namespace TlsPool.Crypto.Tokens;

/// <summary>A session with a token, used by one thread at a time. Calls throw only <see cref="TokenException"/>.</summary>
public interface ITokenSession : IDisposable
{
    /// <summary>Finds a private key.</summary>
    KeyDescription Describe(KeyReference key);

    /// <summary>Signs.</summary>
    /// <returns>The signature in TLS form: DER for ECDSA, raw for the others.</returns>
    byte[] Sign(SignatureRequest request);

    /// <summary>Generates a key pair that stays in the token and cannot be extracted.</summary>
    /// <param name="parameters">What kind.</param>
    /// <param name="label">Its name, 1 to 200 characters; must be free.</param>
    KeyDescription Generate(KeyParameters parameters, string label);

    /// <summary>All private keys of the token that can sign handshakes, each with everything that tells it from others.</summary>
    IReadOnlyList<Pkcs11Uri> List();

    /// <summary>Removes a key pair for ever.</summary>
    void Remove(KeyReference key);
}
