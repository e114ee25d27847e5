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
        (IKeyToken token, ReadOnlyMemory<byte> pin) = access.Tokens.Find(ParseUri(uri));
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

    /// <summary>Reads a URI that came as an argument.</summary>
    /// <exception cref="CommandException">It has a PIN in it.</exception>
    internal static Pkcs11Uri ParseUri(string argument)
    {
        Pkcs11Uri uri = Pkcs11Uri.Parse(argument);
        return uri.PinValue is null
            ? uri
            : throw new CommandException("a PIN on the command line is seen by everybody on this machine: change it, and give it with pkcs11_pin");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        _token.Dispose();
    }
}
