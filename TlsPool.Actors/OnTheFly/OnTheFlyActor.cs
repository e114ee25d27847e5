using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using static TlsPool.Actors.OnTheFly.OnTheFlyProtocol;

namespace TlsPool.Actors.OnTheFly;

/// <summary>
/// Makes certificates of a moment under a configured authority (behaviour.md, "LOCALID_ONTHEFLY"), and keeps them for two minutes. However
/// many sessions wait for one identity, one certificate is made.
/// </summary>
public sealed class OnTheFlyActor : UntypedActor
{
    /// <summary>Certificates kept, those under way included. Names come from anybody.</summary>
    internal const int MaxKept = 4096;

    /// <summary>Certificates under way: tokens have other work, too.</summary>
    internal const int MaxUnderWay = 256;

    private static readonly TimeSpan Back = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Forward = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    /// <summary>Tokens answer in bounded time; this is for one that does not.</summary>
    private static readonly TimeSpan SignatureLimit = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly OnTheFlyKeys _keys;
    private readonly IActorRef _tokens;
    private readonly IAuditTrail _audit;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private int _underWay;

    private OnTheFlyActor(OnTheFlyKeys keys, IActorRef tokens, IAuditTrail audit, ILogger log, TimeProvider time) =>
        (_keys, _tokens, _audit, _log, _time) = (keys, tokens, audit, log, time);

    /// <summary>Props of the actor.</summary>
    /// <param name="keys">Keys of the certificates.</param>
    /// <param name="tokens">Answers <see cref="TokenProtocol.Sign"/> for the authority's key.</param>
    /// <param name="audit">Where uses of the authority's key are recorded.</param>
    /// <param name="log">Log of the facility CERT.</param>
    /// <param name="time">Clock.</param>
    internal static Props Props(OnTheFlyKeys keys, IActorRef tokens, IAuditTrail audit, ILogger log, TimeProvider time) =>
        ActorFactory<OnTheFlyActor>.Props(() => new OnTheFlyActor(keys, tokens, audit, log, time));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Make make:
                Answer(make);
                break;
            case Signature signature:
                Conclude(signature);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Answer(Make make)
    {
        DateTimeOffset now = _time.GetUtcNow();
        IReadOnlyList<string> usages = OnTheFlyUsages.For(make.Role, make.Service);
        string name = $"{make.Authority.Id}\n{string.Join(' ', usages)}\n{make.Identity}";
        if (_entries.TryGetValue(name, out Entry? known) && (known.Credential is null || now - known.Since < Kept))
        {
            if (known.Credential is { } credential)
                Sender.Tell(new Made(credential));
            else
                known.Waiting.Add(Sender);
            return;
        }
        if (make.Authority.UnfitAt(now) is { } unfit)
        {
            Sender.Tell(new NotMade($"no certificate for {make.Identity} on the fly: {unfit}: see tls_onthefly_signcert"));
            return;
        }
        if (_underWay >= MaxUnderWay || !MakeRoom(now))
        {
            Sender.Tell(new NotMade("too many certificates are being made on the fly: try again later"));
            return;
        }
        Begin(new Entry(name, make, now) { Waiting = { Sender } }, usages);
    }

    private void Begin(Entry entry, IReadOnlyList<string> usages)
    {
        (KeyReference key, byte[] publicKey) = _keys.Current();
        Make order = entry.Order;
        SignatureRequest draft = order.Authority.Draft(order.Identity, usages, publicKey, entry.Since - Back, entry.Since + Forward);
        _entries[entry.Name] = entry;
        _underWay++;
        _tokens.Ask<object>(new TokenProtocol.Sign(draft), SignatureLimit).PipeTo(
            Self,
            Self,
            answer => new Signature(entry, key, draft, answer),
            _ => new Signature(entry, key, draft, new TokenProtocol.SigningFailed("the token does not answer")));
    }

    private void Conclude(Signature signature)
    {
        (Entry entry, Make order) = (signature.Entry, signature.Entry.Order);
        _underWay--;
        string? failure = "the token gave an answer of another kind";
        switch (signature.Answer)
        {
            case TokenProtocol.Signed signed:
                ReadOnlyMemory<byte> certificate = order.Authority.Finish(signature.Draft, signed.Signature.Span);
                failure = order.Authority.Objection(certificate, order.Role, _time.GetUtcNow());
                if (failure is null)
                    entry.Credential = new Credential(order.Identity.ToString(), [certificate, .. order.Authority.Chain], signature.Key, OnTheFlyKeys.Schemes);
                break;
            case TokenProtocol.SigningFailed failed:
                failure = failed.Reason;
                break;
        }
        Record(order, failure);
        // Failures are not kept: the next session tries again.
        if (failure is not null)
            _entries.Remove(entry.Name);
        object answer = failure is null ? new Made(entry.Credential!) : new NotMade($"no certificate for {order.Identity} on the fly: {failure}");
        foreach (IActorRef session in entry.Waiting)
            session.Tell(answer);
        entry.Waiting.Clear();
    }

    private void Record(Make order, string? failure)
    {
        string what = failure ?? $"signed a certificate of a moment for {order.Identity}";
        _audit.Record(new AuditEvent(AuditKind.KeyUse, failure is null, what)
        {
            LocalId = order.Identity.ToString(),
            Use = TlsNames.Use(order.Role, order.Service),
            Key = order.Authority.Key.Uri,
        });
        if (failure is null)
            _log.LogInformation("\"{Authority}\" vouches for {Identity} for {Minutes} minutes", order.Authority.Subject, order.Identity, Forward.TotalMinutes);
        else
            _log.LogWarning("no certificate for {Identity} on the fly: {Reason}", order.Identity, failure);
    }

    /// <summary>False if all that is kept is still under way.</summary>
    private bool MakeRoom(DateTimeOffset now)
    {
        if (_entries.Count < MaxKept)
            return true;
        foreach (Entry old in _entries.Values.Where(entry => entry.Credential is not null && now - entry.Since >= Kept).ToList())
            _entries.Remove(old.Name);
        if (_entries.Count >= MaxKept && _entries.Values.Where(entry => entry.Credential is not null).MinBy(entry => entry.Since) is { } oldest)
            _entries.Remove(oldest.Name);
        return _entries.Count < MaxKept;
    }

    private sealed class Entry(string name, Make order, DateTimeOffset since)
    {
        internal string Name { get; } = name;

        internal Make Order { get; } = order;

        internal DateTimeOffset Since { get; } = since;

        internal Credential? Credential { get; set; }

        internal List<IActorRef> Waiting { get; } = [];
    }

    private sealed record Signature(Entry Entry, KeyReference Key, SignatureRequest Draft, object Answer);
}
