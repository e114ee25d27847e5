using System.Collections.Concurrent;
using System.Security.Cryptography;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Validation;

/// <summary>
/// Judges peers by path validation and name matching. Path validation costs hundreds of microseconds, so its result is kept for a chain
/// until the anchors change or time passes; names are compared each time.
/// </summary>
public sealed class PeerValidator : IPeerValidator, IDisposable
{
    private const int MaxKept = 4096;
    private static readonly TimeSpan KeepTime = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _workers = new(Environment.ProcessorCount);
    private volatile Memory _memory;

    /// <summary>Starts with anchors.</summary>
    public PeerValidator(AnchorSet anchors, TimeProvider time) => (_memory, _time) = (new Memory(anchors), time);

    /// <summary>Whom to trust. A change forgets all results.</summary>
    public AnchorSet Anchors
    {
        get => _memory.Anchors;
        set => _memory = new Memory(value);
    }

    /// <summary>True to take the common name of a certificate without subjectAltName.</summary>
    public bool CommonNameFallback { get; set; }

    /// <inheritdoc/>
    public ValueTask<PeerVerdict> ValidateAsync(PeerEvidence evidence, CancellationToken cancellationToken)
    {
        TlsRole peerRole = evidence.LocalRole == TlsRole.Client ? TlsRole.Server : TlsRole.Client;
        Memory memory = _memory;
        string key = Key(evidence, peerRole);
        if (!evidence.IgnoreCaches && memory.Kept.TryGetValue(key, out Kept? kept) && kept.Until > _time.GetUtcNow())
            return ValueTask.FromResult(Conclude(kept.Verdict, evidence, peerRole));
        return new ValueTask<PeerVerdict>(ValidateLater(memory, key, evidence, peerRole, cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose() => _workers.Dispose();

    private async Task<PeerVerdict> ValidateLater(
        Memory memory, string key, PeerEvidence evidence, TlsRole peerRole, CancellationToken cancellation)
    {
        await _workers.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            DateTimeOffset now = _time.GetUtcNow();
            PathVerdict verdict = await Task
                .Run(() => PathValidator.Validate(evidence.Chain, peerRole, memory.Anchors, now), cancellation)
                .ConfigureAwait(false);
            memory.Keep(key, new Kept(verdict, Until(verdict, now)));
            return Conclude(verdict, evidence, peerRole);
        }
        finally
        {
            _workers.Release();
        }
    }

    private PeerVerdict Conclude(PathVerdict path, PeerEvidence evidence, TlsRole peerRole)
    {
        if (path.Facts is not { } facts)
            return new PeerVerdict(false, "", path.Alert, path.Reason);
        string? identity = evidence.RequestedRemoteId.Length == 0
            ? NameMatcher.Identify(facts, peerRole, CommonNameFallback)
            : NameMatcher.Match(facts, evidence.RequestedRemoteId, evidence.DomainRepresentsUser, CommonNameFallback);
        if (identity is not null)
            return new PeerVerdict(true, identity, AlertCode.CloseNotify, "");
        string names = CertificateFacts.Escape(string.Join(", ", facts.DnsNames.Concat(facts.MailNames).DefaultIfEmpty("nobody").Take(8)));
        return new PeerVerdict(
            false,
            "",
            AlertCode.BadCertificate,
            evidence.RequestedRemoteId.Length == 0
                ? $"the certificate names nobody that can be reported ({names})"
                : $"the peer proves to be {names}, not {CertificateFacts.Escape(evidence.RequestedRemoteId)}");
    }

    private static DateTimeOffset Until(PathVerdict verdict, DateTimeOffset now) =>
        verdict.Facts is not null && verdict.ValidUntil < now + KeepTime ? verdict.ValidUntil : now + KeepTime;

    private static string Key(PeerEvidence evidence, TlsRole peerRole)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)peerRole]);
        foreach (ReadOnlyMemory<byte> certificate in evidence.Chain)
        {
            hash.AppendData(BitConverter.GetBytes(certificate.Length));
            hash.AppendData(certificate.Span);
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private sealed record Kept(PathVerdict Verdict, DateTimeOffset Until);

    private sealed class Memory(AnchorSet anchors)
    {
        internal AnchorSet Anchors { get; } = anchors;

        internal ConcurrentDictionary<string, Kept> Kept { get; } = new(StringComparer.Ordinal);

        internal void Keep(string key, Kept kept)
        {
            // Many chains are an attack or a crowd; either way starting afresh costs little.
            if (Kept.Count >= MaxKept)
                Kept.Clear();
            Kept[key] = kept;
        }
    }
}
