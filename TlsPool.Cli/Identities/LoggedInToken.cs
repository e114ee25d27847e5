using TlsPool.Cli.Stores;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Cli.Identities;

/// <summary>A token of the configuration, logged in for one command.</summary>
internal sealed class LoggedInToken : IDisposable
{
    private readonly IKeyToken _token;

    private LoggedInToken(IKeyToken token, ITokenSession session) => (_token, Session) = (token, session);

    internal ITokenSession Session { get; }

    /// <summary>Finds a token and logs in.</summary>
    /// <param name="access">The pool's stores.</param>
    /// <param name="uri"><c>pkcs11:</c> URI of the token, or of an object in it.</param>
    /// <exception cref="TokenException">It is not there, or the PIN is not right.</exception>
    internal static LoggedInToken Open(PoolStoreAccess access, string uri)
    {
        (IKeyToken token, ReadOnlyMemory<byte> pin) = access.Tokens.Find(Pkcs11Uri.Parse(uri));
        try
        {
            if (token.Find().PinNeeded && pin.IsEmpty)
                throw new TokenException(TokenFault.NotLoggedIn, $"{token.Description} wants a PIN: give it with pkcs11_pin before pkcs11_token");
            LoginResult login = token.Login(pin.Span);
            if (login.Status != LoginStatus.Ok)
                throw new TokenException(login.Status == LoginStatus.WrongPin ? TokenFault.WrongPin : TokenFault.Failed, login.Text);
            return new LoggedInToken(token, token.OpenSession());
        }
        catch
        {
            token.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        _token.Dispose();
    }
}
