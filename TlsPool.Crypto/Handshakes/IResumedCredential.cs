namespace TlsPool.Crypto.Handshakes;

/// <summary>A kept session that knows which local credential was shown when it began.</summary>
internal interface IResumedCredential
{
    Keys.Credential? Credential { get; }
}
