using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>Finds the token that has a key. Tokens that fail are started again: they hold no state that cannot be found again.</summary>
public sealed class TokenSupervisor : UntypedActor
{
    private readonly BuiltInKeyStore _builtIn;
    private readonly ILogger _log;
    private IActorRef _builtInToken = ActorRefs.Nobody;

    private TokenSupervisor(BuiltInKeyStore builtIn, ILogger log) => (_builtIn, _log) = (builtIn, log);

    /// <summary>Props of the supervisor.</summary>
    /// <param name="builtIn">The built-in key store.</param>
    /// <param name="log">Log of the facility PKCS11.</param>
    public static Props Props(BuiltInKeyStore builtIn, ILogger log) => ActorFactory<TokenSupervisor>.Props(() => new TokenSupervisor(builtIn, log));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

    /// <inheritdoc/>
    protected override void PreStart() => _builtInToken = Context.ActorOf(BuiltInTokenActor.Props(_builtIn, _log), "builtin");

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign { Request.Key.IsBuiltIn: true }:
                _builtInToken.Forward(message);
                break;
            case TokenProtocol.Sign sign:
                Sender.Tell(new TokenProtocol.SigningFailed($"no configured token has {sign.Request.Key}: see pkcs11_path in the configuration"));
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
