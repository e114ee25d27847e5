namespace TlsPool.Crypto.Records;

/// <summary>Record content types (RFC 8446 section 5.1).</summary>
public enum ContentType : byte
{
    /// <summary>Not a type.</summary>
    Invalid = 0,

    /// <summary>change_cipher_spec.</summary>
    ChangeCipherSpec = 20,

    /// <summary>alert.</summary>
    Alert = 21,

    /// <summary>handshake.</summary>
    Handshake = 22,

    /// <summary>application_data.</summary>
    ApplicationData = 23,
}
