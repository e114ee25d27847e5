using System.Runtime.CompilerServices;
using Akka.Actor;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>A signature that somebody waits for.</summary>
/// <param name="Number">Its number within the token's actor.</param>
/// <param name="Sign">What to sign.</param>
/// <param name="Asker">Who waits.</param>
/// <param name="IsRetry">True if it failed once for a lost session.</param>
internal sealed record TokenJob(long Number, TokenProtocol.Sign Sign, IActorRef Asker, bool IsRetry)
{
    // One for all copies of a job: that of the worker is to know too.
    private readonly StrongBox<bool> _over = new();

    internal SignatureRequest Request => Sign.Request;

    /// <summary>True if nobody waits any more: then it is not worth a signature. Any thread.</summary>
    internal bool IsOver => Volatile.Read(ref _over.Value);

    internal void End() => Volatile.Write(ref _over.Value, true);

    internal void Answer(ReadOnlyMemory<byte> signature) => Asker.Tell(new TokenProtocol.Signed(signature, Sign.Number));

    internal void Refuse(string reason, SigningFault fault = SigningFault.Failed) =>
        Asker.Tell(new TokenProtocol.SigningFailed(reason, Sign.Number) { Fault = fault });
}

/// <summary>What became of a job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Signature">The signature; null on failure.</param>
/// <param name="Failure">Why there is none; null too if nobody waits for it any more.</param>
internal sealed record TokenJobDone(TokenJob Job, byte[]? Signature, TokenException? Failure);
