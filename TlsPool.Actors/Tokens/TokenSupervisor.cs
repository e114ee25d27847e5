using System.Globalization;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>Finds the token that has a key. Tokens that fail are started again: they hold no state that cannot be found again.</summary>
public sealed class TokenSupervisor : UntypedActor
{
    private readonly BuiltInKeyStore _builtIn;
    private readonly IReadOnlyList<TokenSource> _sources;
    private readonly ILogger _log;
    private readonly List<Member> _members = [];
    private IActorRef _builtInToken = ActorRefs.Nobody;

    private TokenSupervisor(BuiltInKeyStore builtIn, IReadOnlyList<TokenSource> sources, ILogger log) =>
        (_builtIn, _sources, _log) = (builtIn, sources, log);

    /// <summary>Props of the supervisor.</summary>
    /// <param name="builtIn">The built-in key store.</param>
    /// <param name="sources">Modules and tokens to use.</param>
    /// <param name="log">Log of the facility PKCS11.</param>
    public static Props Props(BuiltInKeyStore builtIn, IReadOnlyList<TokenSource> sources, ILogger log) =>
        ActorFactory<TokenSupervisor>.Props(() => new TokenSupervisor(builtIn, sources, log));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _builtInToken = Context.ActorOf(BuiltInTokenActor.Props(_builtIn, _log), "builtin");
        foreach (TokenSource source in _sources)
        {
            if (source.Uri is { } uri)
                Add(source, uri);
            else
                Discover(source);
        }
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign { Request.Key.IsBuiltIn: true }:
                _builtInToken.Forward(message);
                break;
            case TokenProtocol.Sign sign:
                Route(sign);
                break;
            case TokenFound found:
                if (_members.Find(member => member.Actor.Equals(Sender)) is { } ready)
                    ready.Token = found.Token;
                break;
            case Discovered discovered:
                foreach (Pkcs11Uri uri in discovered.Tokens)
                    Add(discovered.Source, uri);
                break;
            case Status.Failure failure:
                _log.LogError("{Reason}", failure.Cause.Message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Add(TokenSource source, Pkcs11Uri uri)
    {
        // Names of actors say nothing about tokens: labels are anybody's text.
        string name = string.Create(CultureInfo.InvariantCulture, $"token-{_members.Count}");
        var settings = new TokenSettings(uri.ToString(), source.Pin);
        _members.Add(new Member(Context.ActorOf(TokenActor.Props(settings, source.Module.Token(uri), _log), name), uri));
    }

    private void Discover(TokenSource source) => Task.Run(
        () => new Discovered(source, [.. source.Module.Tokens().Where(token => token.Label.Length > 0).Select(token => token.ToUri())])).PipeTo(Self);

    private void Route(TokenProtocol.Sign sign)
    {
        Pkcs11Uri uri;
        try
        {
            uri = Pkcs11Uri.Parse(sign.Request.Key.Uri);
        }
        catch (FormatException wrong)
        {
            Sender.Tell(new TokenProtocol.SigningFailed($"{sign.Request.Key}: {wrong.Message}"));
            return;
        }
        // A token that is ready first; then one that may turn out to be the right one.
        Member? chosen = _members.Find(member => member.Token is { } token && uri.Matches(token))
            ?? _members.Find(member => member.Token is null && MayMatch(uri, member.Uri));
        if (chosen is null)
            Sender.Tell(new TokenProtocol.SigningFailed($"no configured token has {sign.Request.Key}: see pkcs11_path and pkcs11_token in the configuration"));
        else
            chosen.Actor.Forward(sign);
    }

    private static bool MayMatch(Pkcs11Uri key, Pkcs11Uri token) =>
        Agree(key.Token, token.Token) && Agree(key.Serial, token.Serial) && Agree(key.Manufacturer, token.Manufacturer) && Agree(key.Model, token.Model);

    private static bool Agree(string? one, string? other) => one is null || other is null || one == other;

    private sealed record Discovered(TokenSource Source, IReadOnlyList<Pkcs11Uri> Tokens);

    private sealed class Member(IActorRef actor, Pkcs11Uri uri)
    {
        internal IActorRef Actor => actor;

        internal Pkcs11Uri Uri => uri;

        internal TokenDescription? Token { get; set; }
    }
}
