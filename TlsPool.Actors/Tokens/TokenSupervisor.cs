using System.Globalization;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Entry;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>
/// Finds the token that has a key. Tokens that fail are started again after a pause that grows; which PIN was refused is remembered here.
/// PIN entry lives beside the tokens that need it.
/// </summary>
public sealed class TokenSupervisor : UntypedActor, IWithTimers
{
    private readonly BuiltInKeyStore _builtIn;
    private readonly IReadOnlyList<TokenSource> _sources;
    private readonly IAuditTrail _audit;
    private readonly ILogger _log;
    private readonly EntryDoor? _door;
    private readonly EntryBoard? _board;
    private readonly List<Member> _members = [];
    private IActorRef _builtInToken = ActorRefs.Nobody;
    private IActorRef _pinEntry = ActorRefs.Nobody;

    private TokenSupervisor(
        BuiltInKeyStore builtIn, IReadOnlyList<TokenSource> sources, IAuditTrail audit, ILogger log, EntryDoor? door, EntryBoard? board) =>
        (_builtIn, _sources, _audit, _log, _door, _board) = (builtIn, sources, audit, log, door, board);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the supervisor.</summary>
    /// <param name="builtIn">The built-in key store.</param>
    /// <param name="sources">Modules and tokens to use.</param>
    /// <param name="audit">Where logins are recorded.</param>
    /// <param name="log">Log of the facility PKCS11.</param>
    /// <param name="door">Way to the people of other nodes; null if PINs are entered at this host only.</param>
    /// <param name="board">Where others see who waits for a PIN; null for nowhere.</param>
    internal static Props Props(
        BuiltInKeyStore builtIn, IReadOnlyList<TokenSource> sources, IAuditTrail audit, ILogger log, EntryDoor? door = null, EntryBoard? board = null) =>
        ActorFactory<TokenSupervisor>.Props(() => new TokenSupervisor(builtIn, sources, audit, log, door, board));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _builtInToken = Context.ActorOf(BuiltInTokenActor.Props(_builtIn, _log), "builtin");
        Props pinEntry = PinEntryActor.Props(_log, _audit, TimeProvider.System, peers: null, _board);
        _pinEntry = Context.ActorOf(_door is null ? pinEntry : EntryRelayActor.Props(_door, pinEntry, PinProtocol.Cease.Instance), "pin-entry");
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
            case PinProtocol.IPinEntryMessage:
                _pinEntry.Forward(message);
                break;
            case TokenManagement.List:
                Sender.Tell(new TokenManagement.Tokens(
                [
                    new TokenManagement.Member(_builtInToken, KeyReference.BuiltInScheme, ""),
                    .. _members.Select(member => new TokenManagement.Member(member.Actor, member.Uri.ToString(), member.Source.Module.Path)),
                ]));
                break;
            case TokenFound found:
                Of(Sender)?.IsReady(found.Token);
                break;
            case TokenBlocked blocked:
                Of(Sender)?.IsBlocked(blocked.Login);
                break;
            case TokenRestarted when Of(Sender) is { } failed:
                Timers.StartSingleTimer(failed, new BeginAgain(failed), failed.Pause());
                break;
            case BeginAgain { Member: var member }:
                member.Begin();
                break;
            case Configured configured:
                foreach (Member member in _members)
                    Take(member, configured);
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
        var settings = new TokenSettings(uri.ToString(), source.Pin) { PinEntry = _pinEntry, Audit = _audit };
        _members.Add(new Member(Context.ActorOf(TokenActor.Props(settings, source.Module.Token(uri), _log), name), source, uri));
    }

    private Member? Of(IActorRef actor) => _members.Find(member => member.Actor.Equals(actor));

    private void Take(Member member, Configured configured)
    {
        try
        {
            TokenModuleConfiguration? named = configured.Modules.FirstOrDefault(module =>
                module.Path == member.Source.Module.Path && TokenSources.UriOf(module)?.ToString() == member.Source.Uri?.ToString());
            if (named is not null)
                member.Use(TokenSources.PinOf(named));
        }
        catch (TokenException wrong)
        {
            _log.LogError("{Token} keeps its PIN: {Reason}", member.Uri, wrong.Message);
        }
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
            Sender.Tell(new TokenProtocol.SigningFailed($"{sign.Request.Key}: {wrong.Message}", sign.Number));
            return;
        }
        // A token that is ready first; then one that may turn out to be the right one.
        Member? chosen = _members.Find(member => member.Token is { } token && uri.Matches(token))
            ?? _members.Find(member => member.Token is null && MayMatch(uri, member.Uri));
        if (chosen is null)
            Sender.Tell(new TokenProtocol.SigningFailed($"no configured token has {sign.Request.Key}: see pkcs11_path and pkcs11_token in the configuration", sign.Number) { Fault = SigningFault.NoKey });
        else
            chosen.Actor.Forward(sign);
    }

    private static bool MayMatch(Pkcs11Uri key, Pkcs11Uri token) =>
        Agree(key.Token, token.Token) && Agree(key.Serial, token.Serial) && Agree(key.Manufacturer, token.Manufacturer) && Agree(key.Model, token.Model);

    private static bool Agree(string? one, string? other) => one is null || other is null || one == other;

    private sealed record Discovered(TokenSource Source, IReadOnlyList<Pkcs11Uri> Tokens);

    /// <summary>The configuration was read again; only PINs may have changed.</summary>
    internal sealed record Configured(IReadOnlyList<TokenModuleConfiguration> Modules);

    private sealed record BeginAgain(Member Member);

    private sealed class Member(IActorRef actor, TokenSource source, Pkcs11Uri uri)
    {
        private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
        private ReadOnlyMemory<byte> _pin = source.Pin;
        private LoginResult? _refused;

        internal IActorRef Actor => actor;

        internal TokenSource Source => source;

        internal Pkcs11Uri Uri => uri;

        internal TokenDescription? Token { get; private set; }

        internal void IsReady(TokenDescription token)
        {
            // A PIN that was refused stays refused: a person has entered another one.
            Token = token;
            _backoff.Reset();
        }

        internal void IsBlocked(LoginResult login) => _refused = login;

        internal TimeSpan Pause() => _backoff.Next();

        internal void Begin() => actor.Tell(new UsePin(_pin, _refused));

        internal void Use(ReadOnlyMemory<byte> pin)
        {
            if (!pin.Span.SequenceEqual(_pin.Span))
                _refused = null;
            _pin = pin;
            Begin();
        }
    }
}
