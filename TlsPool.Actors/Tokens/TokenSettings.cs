using Akka.Actor;
using TlsPool.Actors.Audit;

namespace TlsPool.Actors.Tokens;

/// <summary>How a token is used.</summary>
/// <param name="Name">What to call it in the log: its URI.</param>
/// <param name="Pin">PIN in UTF-8; empty if none is known.</param>
public sealed record TokenSettings(string Name, ReadOnlyMemory<byte> Pin)
{
    /// <summary>Threads that sign: each has a session of its own. 1 to 64.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>Longest time that anybody waits for a signature.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time that anybody waits for a person who was asked for the PIN: sessions usually have 30 s, and are to hear the reason.</summary>
    public TimeSpan PinPatience { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>The <see cref="Entry.PinEntryActor"/>; null where nobody can be asked.</summary>
    public IActorRef? PinEntry { get; init; }

    /// <summary>Where logins are recorded; null for nowhere.</summary>
    public IAuditTrail? Audit { get; init; }

    /// <summary>Without the PIN.</summary>
    public override string ToString() => Name;
}
