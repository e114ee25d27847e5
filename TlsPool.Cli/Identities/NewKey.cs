using TlsPool.Cli.Stores;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Cli.Identities;

/// <summary>A key that was just made, and can sign its first certificate.</summary>
internal sealed class NewKey : IDisposable
{
    private readonly Func<SignatureRequest, byte[]> _sign;
    private readonly IDisposable? _owned;

    private NewKey(KeyDescription description, Func<SignatureRequest, byte[]> sign, IDisposable? owned) =>
        (Description, _sign, _owned) = (description, sign, owned);

    internal KeyDescription Description { get; }

    /// <summary>Makes a key.</summary>
    /// <param name="access">The pool's stores.</param>
    /// <param name="token">URI of a token; null for the built-in store.</param>
    /// <param name="parameters">What kind.</param>
    /// <param name="name">What to call it.</param>
    internal static NewKey Make(PoolStoreAccess access, string? token, KeyParameters parameters, string name)
    {
        if (token is not null)
            return Make(LoggedInToken.Open(access, token), parameters, name);
        KeyDescription description = access.Keys.Generate(parameters, name);
        ISigningKey key = access.Keys.Open(description.Key);
        return new NewKey(description, request => key.Sign(request.Scheme, request.Content), owned: null);
    }

    private static NewKey Make(LoggedInToken token, KeyParameters parameters, string name)
    {
        try
        {
            KeyDescription description = token.Session.Generate(parameters, name);
            return new NewKey(description, token.Session.Sign, token);
        }
        catch
        {
            token.Dispose();
            throw;
        }
    }

    internal byte[] Sign(int scheme, ReadOnlyMemory<byte> content) => _sign(new SignatureRequest(Description.Key, scheme, content));

    public void Dispose() => _owned?.Dispose();
}
