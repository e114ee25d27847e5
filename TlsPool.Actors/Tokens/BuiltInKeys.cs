using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>Lets sessions sign with opened keys of the built-in store on their own thread.</summary>
internal sealed class BuiltInKeys(BuiltInKeyStore store) : ISigningKeys
{
    public byte[]? TrySign(SignatureRequest request)
    {
        try
        {
            return store.TryGet(request.Key)?.Sign(request.Scheme, request.Content);
        }
        catch (TokenException)
        {
            // The token's actor is asked next, and says why.
            return null;
        }
    }
}
