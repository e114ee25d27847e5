using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>A token behind a module.</summary>
internal sealed class Pkcs11Token(Pkcs11Module module, Pkcs11Uri uri) : IKeyToken
{
    private readonly Lock _state = new();
    private TokenDescription? _description;
    private ISlot? _slot;
    private ISession? _login;
    private int _generation;

    public TokenDescription Description => _description ?? throw new TokenException(TokenFault.Removed, $"{uri} was not found yet");

    internal Pkcs11Module Module => module;

    internal HashSet<ulong> Mechanisms { get; private set; } = [];

    public TokenLogin Find()
    {
        lock (_state)
        {
            Abandon();
            List<(ISlot Slot, TokenDescription Token)> all = Look();
            List<(ISlot Slot, TokenDescription Token)> fitting = all.FindAll(found => uri.Matches(found.Token));
            if (fitting.Count != 1)
                throw Missing(fitting.Count, all);
            (_slot, _description) = fitting[0];
            _generation = module.Generation;
            return Call(slot =>
            {
                Mechanisms = [.. slot.GetMechanismList().Select(mechanism => (ulong)mechanism)];
                ITokenInfo info = slot.GetTokenInfo();
                ITokenFlags flags = info.TokenFlags;
                return new TokenLogin(flags.LoginRequired && !flags.ProtectedAuthenticationPath, Tries(flags));
            });
        }
    }

    public LoginResult Login(ReadOnlySpan<byte> pin)
    {
        byte[] copy = PinnedBytes.CopyOf(pin);
        try
        {
            lock (_state)
                return Call(slot => Login(slot, copy));
        }
        catch (TokenException exception)
        {
            LoginStatus status = exception.Fault switch
            {
                TokenFault.WrongPin => LoginStatus.WrongPin,
                TokenFault.PinLocked => LoginStatus.PinLocked,
                TokenFault.Removed or TokenFault.SessionLost => LoginStatus.Removed,
                _ => LoginStatus.Failed,
            };
            return new LoginResult(status, TriesNow(), exception.Message);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(copy);
        }
    }

    public ITokenSession OpenSession() => new Pkcs11Session(this, Call(slot => slot.OpenSession(SessionType.ReadOnly)));

    public void Logout()
    {
        lock (_state)
            Abandon();
    }

    public void Dispose() => Logout();

    /// <summary>Opens a session that may make objects.</summary>
    internal ISession OpenWritable() => Call(slot => slot.OpenSession(SessionType.ReadWrite));

    /// <summary>Calls into the module about this token's slot.</summary>
    internal T Call<T>(Func<ISlot, T> call)
    {
        ISlot slot = _slot ?? throw new TokenException(TokenFault.Removed, $"{uri} is not there");
        if (_generation != module.Generation)
            throw new TokenException(TokenFault.SessionLost, $"{module.Path} was started again");
        try
        {
            return module.Call(_ => call(slot));
        }
        catch (TokenException exception) when (exception.InnerException is { } inner && Pkcs11Faults.IsFromModule(inner))
        {
            throw Pkcs11Faults.Translate(inner, _description?.ToString() ?? module.Path);
        }
    }

    /// <summary>Closes a session of a slot, if the module that opened it still runs.</summary>
    internal void Close(ISession session, int generation)
    {
        if (generation != module.Generation)
            return;
        try
        {
            module.Call(_ =>
            {
                session.CloseSession();
                return 0;
            });
        }
        catch (TokenException)
        {
            // It was dead already.
            return;
        }
    }

    private List<(ISlot Slot, TokenDescription Token)> Look()
    {
        int generation = module.Generation;
        try
        {
            List<(ISlot Slot, TokenDescription Token)> all = module.Slots();
            if (all.Exists(found => uri.Matches(found.Token)))
                return all;
        }
        catch (TokenException)
        {
            // Some modules never see a device again that they lost, nor one that came later.
        }
        module.Restart(generation);
        return module.Slots();
    }

    private LoginResult Login(ISlot slot, byte[] pin)
    {
        ITokenFlags flags = slot.GetTokenInfo().TokenFlags;
        PinTries tries = Tries(flags);
        if (!flags.LoginRequired)
            return new LoginResult(LoginStatus.Ok, tries, $"{_description} needs no login");
        if (!flags.ProtectedAuthenticationPath && tries is PinTries.None)
            return LoginResult.Locked(_description!);
        if (!flags.ProtectedAuthenticationPath && tries is PinTries.Last)
            return LoginResult.LastTryKept(_description!);
        _login ??= slot.OpenSession(SessionType.ReadOnly);
        try
        {
            _login.Login(CKU.CKU_USER, flags.ProtectedAuthenticationPath ? null : pin);
        }
        catch (Pkcs11Exception again) when (again.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            return new LoginResult(LoginStatus.Ok, tries, $"{_description} was logged in already");
        }
        return new LoginResult(LoginStatus.Ok, PinTries.Full, $"logged in to {_description}");
    }

    private PinTries TriesNow()
    {
        try
        {
            return Call(slot => Tries(slot.GetTokenInfo().TokenFlags));
        }
        catch (TokenException)
        {
            // Nothing is known about a token that is gone.
            return PinTries.Full;
        }
    }

    private void Abandon()
    {
        if (_slot is { } slot && _generation == module.Generation)
        {
            try
            {
                module.Call(_ =>
                {
                    slot.CloseAllSessions();
                    return 0;
                });
            }
            catch (TokenException)
            {
                // They are as good as closed.
                _slot = null;
            }
        }
        (_slot, _login) = (null, null);
    }

    private TokenException Missing(int fitting, List<(ISlot Slot, TokenDescription Token)> all)
    {
        string there = all.Count == 0 ? "it has none" : "it has " + string.Join(", ", all.Select(found => found.Token.ToUri()));
        return fitting == 0
            ? new TokenException(TokenFault.Removed, $"{module.Path} has no token {uri}; {there}")
            : new TokenException(TokenFault.Failed, $"{module.Path} has several tokens {uri}; {there}");
    }

    private static PinTries Tries(ITokenFlags flags) => flags.UserPinLocked ? PinTries.None
        : flags.UserPinFinalTry ? PinTries.Last
        : flags.UserPinCountLow ? PinTries.Low
        : PinTries.Full;
}
