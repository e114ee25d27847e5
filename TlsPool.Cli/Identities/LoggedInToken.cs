using System.Security.Cryptography;
using TlsPool.Cli.Pins;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Cli.Identities;

/// <summary>A token of the configuration, logged in for one command.</summary>
internal sealed class LoggedInToken : IDisposable
{
    private readonly IKeyToken _token;

    private LoggedInToken(IKeyToken token, ITokenSession session) => (_token, Session) = (token, session);

    internal ITokenSession Session { get; }

    /// <summary>Finds a token and logs in, with the PIN of the configuration or else one that is typed on the terminal.</summary>
    /// <param name="access">The pool's stores.</param>
    /// <param name="uri"><c>pkcs11:</c> URI of the token, or of an object in it.</param>
    /// <exception cref="TokenException">It is not there, or the PIN is not right.</exception>
    internal static LoggedInToken Open(PoolStoreAccess access, string uri)
    {
        (IKeyToken token, ReadOnlyMemory<byte> pin) = access.Tokens.Find(ParseUri(uri));
        byte[] typed = [];
        try
        {
            if (token.Find().PinNeeded && pin.IsEmpty)
                typed = Ask(token.Description);
            LoginResult login = token.Login(pin.IsEmpty ? typed : pin.Span);
            if (login.Status != LoginStatus.Ok)
                throw new TokenException(login.Status == LoginStatus.WrongPin ? TokenFault.WrongPin : TokenFault.Failed, login.Text);
            return new LoggedInToken(token, token.OpenSession());
        }
        catch
        {
            token.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(typed);
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

    private static byte[] Ask(TokenDescription token)
    {
        using var termination = new Termination();
        using Terminal? terminal = Terminal.TryOpen();
        try
        {
            byte[] pin = terminal?.ReadSecret($"PIN of {TerminalText.Printable(token.ToString())}: ", termination.Token) ?? [];
            return pin.Length > 0
                ? pin
                : throw new TokenException(TokenFault.NotLoggedIn, $"{token} wants a PIN: type it on a terminal, or give it with pkcs11_pin before pkcs11_token");
        }
        catch (OperationCanceledException)
        {
            throw new CommandException("ended; nothing was done");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        _token.Dispose();
    }
}
