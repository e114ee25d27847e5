using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>The built-in key store as a token: opens a key when it is first needed, off the actors' threads.</summary>
public sealed class BuiltInTokenActor : UntypedActor
{
    /// <summary>More requests than these at once are turned away: each costs a key derivation.</summary>
    private const int MaxOpen = 1024;

    private readonly BuiltInKeyStore _store;
    private readonly ILogger _log;
    private readonly Dictionary<KeyReference, Task<ISigningKey>> _opening = [];
    private int _open;
    private long _signatures;

    private BuiltInTokenActor(BuiltInKeyStore store, ILogger log) => (_store, _log) = (store, log);

    /// <summary>Props of the actor.</summary>
    /// <param name="store">The store.</param>
    /// <param name="log">Log of the facility PKCS11.</param>
    public static Props Props(BuiltInKeyStore store, ILogger log) => ActorFactory<BuiltInTokenActor>.Props(() => new BuiltInTokenActor(store, log));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TokenProtocol.Sign surplus when _open == MaxOpen:
                Sender.Tell(new TokenProtocol.SigningFailed("the built-in key store has too much to do", surplus.Number));
                break;
            case TokenProtocol.Sign sign:
                _open++;
                IActorRef asker = Sender;
                // A failure of any other kind must not keep its place either.
                SignAsync(Opening(sign.Request.Key), sign, asker).PipeTo(
                    Self, failure: cause => new Answer(sign.Request.Key, asker, new TokenProtocol.SigningFailed($"{sign.Request.Key}: {cause.GetType().Name}", sign.Number)));
                break;
            case TokenManagement.Describe:
                Sender.Tell(new TokenManagement.Described("ready", "", _open, _signatures));
                break;
            case Answer answer:
                _open--;
                if (answer.Body is TokenProtocol.Signed)
                    _signatures++;
                _opening.Remove(answer.Key);
                if (answer.Body is TokenProtocol.SigningFailed { Fault: not SigningFault.NoKey } failed)
                    _log.LogError("{Reason}", failed.Reason);
                answer.Asker.Tell(answer.Body);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Many sessions that need the same key wait for one derivation.</summary>
    private Task<ISigningKey> Opening(KeyReference key)
    {
        if (!_opening.TryGetValue(key, out Task<ISigningKey>? opening))
            _opening[key] = opening = Task.Run(() => _store.Open(key));
        return opening;
    }

    private static async Task<Answer> SignAsync(Task<ISigningKey> opening, TokenProtocol.Sign sign, IActorRef asker)
    {
        SignatureRequest request = sign.Request;
        try
        {
            ISigningKey key = await opening.ConfigureAwait(false);
            byte[] signature = await Task.Run(() => key.Sign(request.Scheme, request.Content)).ConfigureAwait(false);
            return new Answer(request.Key, asker, new TokenProtocol.Signed(signature, sign.Number));
        }
        catch (Exception exception) when (exception is TokenException or Storage.StorageException)
        {
            SigningFault fault = exception is TokenException { Fault: TokenFault.KeyNotFound } ? SigningFault.NoKey : SigningFault.Failed;
            return new Answer(request.Key, asker, new TokenProtocol.SigningFailed(exception.Message, sign.Number) { Fault = fault });
        }
    }

    private sealed record Answer(KeyReference Key, IActorRef Asker, object Body);
}
