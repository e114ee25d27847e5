using Akka.Actor;
using TlsPool.Actors;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;
using TlsPool.Tests.Crypto;

namespace TlsPool.Tests.Scenarios;

/// <summary>
/// Identities whose keys can be made to answer late, and a validator that can be made to wait: for tests that need a session to stay in one
/// of its states. Everything else is the real thing.
/// </summary>
internal sealed class TestStores : ILocalIdentities, ISigningKeys, IPeerValidator
{
    private readonly Dictionary<string, TestIdentity> _identities;
    private TaskCompletionSource? _signing;
    private TaskCompletionSource? _judging;
    private TaskCompletionSource? _reading;
    private int _heldSignatures;
    private int _heldVerdicts;
    private int _heldReadings;

    internal TestStores(params IEnumerable<TestIdentity> identities) =>
        _identities = identities.ToDictionary(identity => identity.Credential.Identity, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> ServerIdentities => [.. _identities.Keys.Order(StringComparer.Ordinal)];

    public IReadOnlyList<KeyHolder> HoldersOf(KeyReference key) => [];

    internal PoolStores Stores => new()
    {
        Identities = this,
        Validator = this,
        Keys = this,
        Tokens = (_, _, _) => ActorFactory<LateTokenActor>.Props(() => new LateTokenActor(this)),
        Refresh = _ => { },
        CatchUp = Read,
    };

    /// <summary>Signatures that had to wait so far.</summary>
    internal int HeldSignatures => Volatile.Read(ref _heldSignatures);

    /// <summary>Verdicts that had to wait so far.</summary>
    internal int HeldVerdicts => Volatile.Read(ref _heldVerdicts);

    /// <summary>Sessions and renewals that had to wait for what is stored so far.</summary>
    internal int HeldReadings => Volatile.Read(ref _heldReadings);

    /// <summary>From now on signatures wait; completing the result lets them go.</summary>
    internal TaskCompletionSource HoldSignatures() => _signing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on verdicts wait; completing the result lets them go.</summary>
    internal TaskCompletionSource HoldVerdicts() => _judging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on what begins waits for what is stored to be read; completing the result lets it go.</summary>
    internal TaskCompletionSource HoldReading() => _reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What begins from now on does not wait; what waits goes on waiting.</summary>
    internal void ReadAtOnce() => _reading = null;

    public IReadOnlyList<Credential> Find(string localId, TlsRole role) =>
        _identities.TryGetValue(localId, out TestIdentity? identity) ? [identity.Credential] : [];

    public IReadOnlyList<Credential> FindForServerName(string serverName) => Find(serverName, TlsRole.Server);

    public byte[]? TrySign(SignatureRequest request) => _signing is null ? Sign(request) : null;

    public async ValueTask<PeerVerdict> ValidateAsync(PeerEvidence evidence, CancellationToken cancellationToken)
    {
        if (_judging is { } hold)
        {
            Interlocked.Increment(ref _heldVerdicts);
            await hold.Task.ConfigureAwait(false);
        }
        byte[] leaf = evidence.Chain[0].ToArray();
        string? known = _identities.Values.FirstOrDefault(identity => identity.Certificate.AsSpan().SequenceEqual(leaf))?.Credential.Identity;
        return known is not null && (evidence.RequestedRemoteId.Length == 0 || evidence.RequestedRemoteId == known)
            ? new PeerVerdict(true, known, AlertCode.CloseNotify, "")
            : new PeerVerdict(false, "", AlertCode.UnknownCa, "the peer is not known to this test");
    }

    private Task? Read()
    {
        if (_reading is not { } hold)
            return null;
        Interlocked.Increment(ref _heldReadings);
        return hold.Task;
    }

    private byte[] Sign(SignatureRequest request) =>
        _identities.Values.First(identity => identity.Credential.Key == request.Key).Sign(request);

    private sealed class LateTokenActor(TestStores stores) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is TokenProtocol.Sign sign)
                SignLater(sign).PipeTo(Sender, Self);
        }

        private async Task<TokenProtocol.Signed> SignLater(TokenProtocol.Sign sign)
        {
            if (stores._signing is { } hold)
            {
                Interlocked.Increment(ref stores._heldSignatures);
                await hold.Task.ConfigureAwait(false);
            }
            return new TokenProtocol.Signed(stores.Sign(sign.Request), sign.Number);
        }
    }
}
