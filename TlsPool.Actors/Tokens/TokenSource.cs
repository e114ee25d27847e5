using TlsPool.Crypto.Tokens;
using TlsPool.Crypto.Tokens.Pkcs11;

namespace TlsPool.Actors.Tokens;

/// <summary>Where tokens come from: a module, and which of its tokens to use.</summary>
/// <param name="Module">The module, loaded.</param>
/// <param name="Uri">The token; null for every token that the module has at the start.</param>
/// <param name="Pin">PIN in UTF-8; empty if none is known.</param>
public sealed record TokenSource(Pkcs11Module Module, Pkcs11Uri? Uri, ReadOnlyMemory<byte> Pin)
{
    /// <summary>Without the PIN.</summary>
    public override string ToString() => $"{Module.Path} {Uri}";
}
