namespace TlsPool.Crypto.Tokens;

/// <summary>Class of an object on a token, as the <c>type</c> attribute of RFC 7512 names it.</summary>
public enum Pkcs11ObjectType
{
    /// <summary><c>private</c></summary>
    PrivateKey,

    /// <summary><c>public</c></summary>
    PublicKey,

    /// <summary><c>cert</c></summary>
    Certificate,

    /// <summary><c>secret-key</c></summary>
    SecretKey,

    /// <summary><c>data</c></summary>
    Data,
}
