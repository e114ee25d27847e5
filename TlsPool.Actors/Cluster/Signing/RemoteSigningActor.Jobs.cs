using Akka.Actor;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Cluster.Signing;

/// <summary>What is remembered of requests, and of nodes.</summary>
internal sealed partial class RemoteSigningActor
{
    private sealed record Knowledge(bool HasKey, DateTimeOffset Until)
    {
        internal const bool Has = true;
        internal const bool Lacks = false;
    }

    private static bool TryGetRole(KeyReference key, out string? role)
    {
        role = null;
        if (key.IsBuiltIn)
            return true;
        try
        {
            role = Pkcs11Uri.Parse(key.Uri).NodeRole;
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private sealed class Attempt(long number, Job job, string node, DateTimeOffset started, DateTimeOffset until, bool waits)
    {
        internal long Number => number;

        internal Job Job => job;

        internal string Node => node;

        internal DateTimeOffset Started => started;

        /// <summary>When somebody else is asked as well.</summary>
        internal DateTimeOffset Until => until;

        internal bool Waits => waits;

        internal bool IsLate { get; set; }
    }

    private sealed class Job(TokenProtocol.Sign sign, string? role, IActorRef asker, DateTimeOffset deadline)
    {
        internal TokenProtocol.Sign Sign => sign;

        internal string Key => sign.Request.Key.Uri;

        internal string? Role => role;

        internal DateTimeOffset Deadline { get; set; } = deadline;

        internal bool Waits { get; set; }

        internal List<Attempt> Open { get; } = [];

        internal HashSet<string> Tried { get; } = new(StringComparer.Ordinal);

        internal HashSet<string> NotReady { get; } = new(StringComparer.Ordinal);

        /// <summary>What the last one said that may have the key; null while nobody may.</summary>
        internal string? Reason { get; set; }

        internal void Answer(ReadOnlyMemory<byte> signature) => asker.Tell(new TokenProtocol.Signed(signature, sign.Number));

        internal void Refuse(string reason, SigningFault fault) => asker.Tell(new TokenProtocol.SigningFailed(reason, sign.Number) { Fault = fault });
    }
}
