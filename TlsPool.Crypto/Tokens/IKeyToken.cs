namespace TlsPool.Crypto.Tokens;

/// <summary>
/// One token, in the blocking form that its worker threads use; everybody else talks to the token's actor. Thread safe. Calls may take as
/// long as the hardware likes, and throw only <see cref="TokenException"/>.
/// </summary>
public interface IKeyToken : IDisposable
{
    /// <summary>What it says about itself, last seen.</summary>
    TokenDescription Description { get; }

    /// <summary>Looks for the token, at first and again after it was lost; sessions that died are given up.</summary>
    /// <returns>What it wants before it signs.</returns>
    /// <exception cref="TokenException"><see cref="TokenFault.Removed"/>: it is not there.</exception>
    TokenLogin Find();

    /// <summary>Logs in, with at most one try, and none where a failure would lock the PIN.</summary>
    /// <param name="pin">The PIN in UTF-8; not kept. Ignored where none is needed.</param>
    LoginResult Login(ReadOnlySpan<byte> pin);

    /// <summary>Opens a session for one worker thread.</summary>
    ITokenSession OpenSession();

    /// <summary>Logs out and closes what is open. A new login may follow.</summary>
    void Logout();
}
