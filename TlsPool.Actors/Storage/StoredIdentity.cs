using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Storage;

/// <summary>One credential of a local identity. An identity may have several; the engine takes what the peer can use. Immutable.</summary>
/// <param name="Id">Its number in the database; 0 if it is not there yet.</param>
/// <param name="Identity">Whom it stands for.</param>
/// <param name="Roles">Where it may be used.</param>
/// <param name="Key">Its private key.</param>
/// <param name="SignatureSchemes">IANA SignatureScheme numbers that the key can make, best first.</param>
/// <param name="Chain">DER certificates, own one first.</param>
/// <param name="Fingerprint">SHA-256 of the own certificate.</param>
/// <param name="NotBefore">When it starts to be valid.</param>
/// <param name="NotAfter">When it stops.</param>
public sealed record StoredIdentity(
    long Id,
    DoNai Identity,
    IdentityRoles Roles,
    KeyReference Key,
    IReadOnlyList<int> SignatureSchemes,
    IReadOnlyList<ReadOnlyMemory<byte>> Chain,
    ReadOnlyMemory<byte> Fingerprint,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter)
{
    /// <summary>True at a time when peers will accept it.</summary>
    public bool IsValidAt(DateTimeOffset time) => time >= NotBefore && time <= NotAfter;
}
