using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Entry;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Tokens;

/// <summary>How the token gets its PIN: from the configuration, at its own pad, or from a person through PIN entry.</summary>
public sealed partial class TokenActor
{
    private bool _pinRefused;
    private bool _wished;
    private bool _asked;
    private uint _wrongPins;

    /// <summary>A PIN that was refused is as good as none.</summary>
    private ReadOnlyMemory<byte> UsablePin => _pinRefused ? default : _settings.Pin;

    /// <summary>A person has to enter the PIN: jobs wait.</summary>
    private void AwaitingPin(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign sign:
                if (Accept(sign) is not null)
                    AskForPin();
                break;
            case PinProtocol.Asked:
                Extend();
                break;
            case PinProtocol.Entered entered:
                Try(entered);
                break;
            case PinTried tried:
                Take(tried);
                break;
            case PinProtocol.Refused refused:
                (_wished, _asked) = (false, false);
                Fail(refused.Reason);
                break;
            case PinProtocol.AskAgain:
                (_wished, _asked) = (false, false);
                AskForPin();
                break;
            case UsePin use:
                Remember(use);
                if (!UsablePin.IsEmpty)
                {
                    StopAsking(PinProtocol.Withdraw.Instance);
                    Become(Searching);
                    Search();
                }
                break;
            case JobTimeout timeout:
                Expire(timeout);
                break;
            case TokenJobDone done:
                Late(done);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Take(Found found)
    {
        (TokenDescription token, LoginResult login, bool pinNeeded, ReadOnlyMemory<byte> pin) = found;
        if (login.Status is LoginStatus.Ok or LoginStatus.WrongPin)
            Record(login, pinNeeded ? "PIN of the configuration" : "no PIN of the pool's", null);
        switch (login.Status)
        {
            case LoginStatus.Ok:
                Serve(token);
                break;
            case LoginStatus.Removed or LoginStatus.Failed:
                Retry(login.Text);
                break;
            case LoginStatus.WrongPin when !pinNeeded:
                _log.LogError("{Token} was given a wrong PIN at its own pad: {Reason}", _settings.Name, login.Text);
                Block(login, looksAgain: true);
                break;
            case var _ when !pin.Span.SequenceEqual(UsablePin.Span):
                // Another PIN came while this one was being tried.
                Search();
                break;
            case LoginStatus.WrongPin:
                _pinRefused = true;
                _wrongPins++;
                _log.LogError("{Token} stays unused until a person enters its PIN, or the configuration is read again with another one: {Reason}", _settings.Name, login.Text);
                Context.Parent.Tell(new TokenBlocked(login));
                if (login.Tries is PinTries.Last or PinTries.None)
                    Block(login, looksAgain: _settings.PinEntry is not null);
                else
                    AwaitPin(login);
                break;
            case LoginStatus.PinNeeded:
                AwaitPin(login);
                break;
            default:
                if (login.Text != _trouble)
                    _log.LogError("{Token} stays unused: {Reason}", _settings.Name, login.Text);
                Block(login, looksAgain: true);
                break;
        }
    }

    private void AwaitPin(LoginResult login)
    {
        if (_settings.PinEntry is null)
        {
            Block(login);
            return;
        }
        if (login.Status == LoginStatus.PinNeeded)
            _log.LogInformation("{Reason}", login.Text);
        Become(AwaitingPin);
        AskForPin();
    }

    /// <summary>Asked at once, so that the PIN is there before the first session; and after a refusal once more, for the next session.</summary>
    private void AskForPin()
    {
        if (_wished)
            return;
        _wished = true;
        TokenDescription token = _token.Description;
        _trouble = $"nobody has entered the PIN of token \"{token.Label}\" in time: run tlspool pin";
        string prompt = $"{(_wrongPins == 0 ? "" : _pinRefused && _wrongPins == 1 ? "The PIN in the configuration is wrong. " : "That PIN was wrong. ")}PIN of {token.Label}";
        _settings.PinEntry!.Tell(new PinProtocol.Ask(token.Manufacturer, token.Model, token.Serial, token.Label, prompt, _wrongPins), Self);
    }

    private void StopAsking(PinProtocol.IPinEntryMessage how)
    {
        if (_wished)
            _settings.PinEntry!.Tell(how, Self);
        (_wished, _asked) = (false, false);
    }

    /// <summary>A person types: who waits for that has some more time.</summary>
    private void Extend()
    {
        _asked = true;
        foreach (TokenJob job in _jobs.Values)
            Limit(job, _settings.PinPatience);
    }

    private void Try(PinProtocol.Entered entered) => Task.Run(() =>
    {
        try
        {
            return new PinTried(_token.Login(entered.Pin), entered);
        }
        finally
        {
            entered.Clear();
        }
    }).PipeTo(
        Self,
        success: tried => tried,
        failure: exception => new PinTried(new LoginResult(LoginStatus.Failed, PinTries.Full, $"{_settings.Name}: {exception.GetType().Name}"), entered));

    private void Take(PinTried tried)
    {
        LoginResult login = tried.Login;
        Record(login, $"PIN entered by a person{(tried.Node.Length == 0 ? "" : $" at {tried.Node}")}", tried.By);
        if (login.Status == LoginStatus.WrongPin)
        {
            _wrongPins++;
            _log.LogWarning("{Token}: a wrong PIN was entered: {Reason}", _settings.Name, login.Text);
            if (login.Tries is not (PinTries.Last or PinTries.None))
            {
                _wished = false;
                AskForPin();
                return;
            }
        }
        StopAsking(PinProtocol.Tried.Instance);
        switch (login.Status)
        {
            case LoginStatus.Ok:
                Serve(_token.Description);
                break;
            case LoginStatus.Removed or LoginStatus.Failed:
                Become(Searching);
                Retry(login.Text);
                break;
            default:
                LoginResult end = login.Tries switch
                {
                    PinTries.Last => LoginResult.LastTryKept(_token.Description),
                    PinTries.None => LoginResult.Locked(_token.Description),
                    _ => login,
                };
                _log.LogError("{Token} stays unused: {Reason}", _settings.Name, end.Text);
                Block(end, looksAgain: true);
                break;
        }
    }

    /// <summary>The configuration was read again.</summary>
    private void Remember(UsePin use)
    {
        if (use.Pin.Span.SequenceEqual(_settings.Pin.Span))
            return;
        _settings = _settings with { Pin = use.Pin };
        _pinRefused = false;
    }

    /// <summary>What somebody entered for a token that is in another state by now.</summary>
    private void TakeStray(object message)
    {
        switch (message)
        {
            case PinProtocol.Entered entered:
                entered.Clear();
                (_wished, _asked) = (false, false);
                Sender.Tell(PinProtocol.Tried.Instance, Self);
                break;
            case PinProtocol.Asked or PinProtocol.Refused or PinProtocol.AskAgain or PinTried:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private Found LookAndLogIn(ReadOnlyMemory<byte> pin)
    {
        TokenLogin wants = _token.Find();
        LoginResult result = !wants.PinNeeded || !pin.IsEmpty ? _token.Login(pin.Span)
            : wants.Tries is PinTries.None ? LoginResult.Locked(_token.Description)
            : wants.Tries is PinTries.Last ? LoginResult.LastTryKept(_token.Description)
            : new LoginResult(LoginStatus.PinNeeded, wants.Tries, $"{_token.Description} wants a PIN: enter it with tlspool pin, or give it with pkcs11_pin before pkcs11_token");
        return new Found(_token.Description, result, wants.PinNeeded, pin);
    }

    private void Record(LoginResult login, string how, PeerCredentials? by) => _settings.Audit?.Record(
        new AuditEvent(AuditKind.TokenLogin, login.Status == LoginStatus.Ok, $"{how}: {login.Text}") { Application = by, Token = _settings.Name });

    private sealed record Found(TokenDescription Token, LoginResult Login, bool PinNeeded, ReadOnlyMemory<byte> Pin)
    {
        public override string ToString() => nameof(Found);
    }

    private sealed record PinTried(LoginResult Login, PeerCredentials By, string Node)
    {
        internal PinTried(LoginResult login, PinProtocol.Entered entered)
            : this(login, entered.By, entered.Node)
        {
        }
    }
}
