using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Tokens;

/// <content>What people who manage the pool see of a token, and its login by their hand, in whichever state it is.</content>
public sealed partial class TokenActor
{
    private bool _isLoggedOut;
    private bool _isBlocked;
    private long _signatures;

    private string State =>
        _workers is not null ? "ready"
        : _isLoggedOut ? "logged-out"
        : _isBlocked ? "blocked"
        : _wished ? "awaiting-pin"
        : "searching";

    /// <inheritdoc/>
    protected override bool AroundReceive(Receive receive, object message)
    {
        switch (message)
        {
            case TokenManagement.Describe:
                Sender.Tell(new TokenManagement.Described(State, _workers is null ? _trouble : "", _jobs.Count, _signatures));
                return true;
            case TokenManagement.LogIn login:
                LogIn(login);
                return true;
            case ManagedLogin tried:
                Take(tried);
                return true;
            case TokenManagement.LogOut logout:
                LogOut(logout);
                return true;
            default:
                return base.AroundReceive(receive, message);
        }
    }

    private void LogIn(TokenManagement.LogIn login)
    {
        if (_workers is not null)
        {
            login.Clear();
            Sender.Tell(new TokenManagement.Outcome(false, $"{_settings.Name} is logged in already"));
        }
        else if (login.Pin is { } pin)
        {
            IActorRef asker = Sender;
            Task.Run(() =>
            {
                try
                {
                    _token.Find();
                    return new ManagedLogin(_token.Login(pin), login.By, asker);
                }
                finally
                {
                    login.Clear();
                }
            }).PipeTo(
                Self,
                success: tried => tried,
                failure: exception => new ManagedLogin(
                    new LoginResult(LoginStatus.Failed, PinTries.Full, exception is TokenException ? exception.Message : $"{_settings.Name}: {exception.GetType().Name}"), login.By, asker));
        }
        else
        {
            (_isLoggedOut, _pinRefused) = (false, false);
            Become(Searching);
            Search();
            Sender.Tell(new TokenManagement.Outcome(true, $"{_settings.Name} is logged in with what the configuration has, or what a person enters"));
        }
    }

    private void Take(ManagedLogin tried)
    {
        LoginResult login = tried.Login;
        Record(login, "PIN entered by who manages the pool", tried.By);
        if (login.Status != LoginStatus.Ok)
        {
            tried.Asker.Tell(new TokenManagement.Outcome(false, $"{_settings.Name}: {login.Text}"));
            return;
        }
        if (_workers is null)
        {
            _isLoggedOut = false;
            StopAsking(Entry.PinProtocol.Withdraw.Instance);
            Serve(_token.Description);
        }
        tried.Asker.Tell(new TokenManagement.Outcome(true, $"{_settings.Name} is logged in"));
    }

    private void LogOut(TokenManagement.LogOut logout)
    {
        StopAsking(Entry.PinProtocol.Withdraw.Instance);
        Timers.Cancel(SearchAgain.Instance);
        _workers?.Dispose();
        _workers = null;
        _isLoggedOut = true;
        Become(LoggedOut);
        Fail($"{_settings.Name} was logged out by {logout.By}: log it in with tlspool token login");
        _log.LogWarning("{Reason}", _trouble);
        IActorRef asker = Sender;
        string name = _settings.Name;
        Task.Run(_token.Logout).PipeTo(
            asker,
            success: () => new TokenManagement.Outcome(true, $"{name} is logged out"),
            failure: exception => new TokenManagement.Outcome(
                false, $"{name} signs nothing any more, but did not log out: {(exception is TokenException ? exception.Message : exception.GetType().Name)}"));
    }

    /// <summary>Somebody has logged it out: it stays so until somebody logs it in, whatever the configuration says.</summary>
    private void LoggedOut(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign refused:
                Sender.Tell(new TokenProtocol.SigningFailed(_trouble, refused.Number) { Fault = SigningFault.NotReady });
                break;
            case UsePin use:
                Remember(use);
                break;
            case Found { Login.Status: LoginStatus.Ok } or PinTried { Login.Status: LoginStatus.Ok }:
                // A login that was under way.
                _ = Task.Run(_token.Logout);
                break;
            case Found or Lost or SearchAgain or JobTimeout or TokenJobDone:
                break;
            default:
                TakeStray(message);
                break;
        }
    }

    private sealed record ManagedLogin(LoginResult Login, PeerCredentials? By, IActorRef Asker);
}
