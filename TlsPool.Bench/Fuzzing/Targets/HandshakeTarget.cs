using TlsPool.Crypto.Handshakes;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// Whole handshakes with a peer that has the right keys and sends wrong messages: what is inside the protected flights, certificates above
/// all. The first byte chooses the settings (its high bit the machine's role), changes to the peer's records follow.
/// </summary>
internal sealed class HandshakeTarget : FuzzTarget
{
    private const byte MachineIsServer = 128;
    private const int MaxTurns = 32;

    private static readonly byte[] Choices =
    [
        0, EngineChoice.Only12, EngineChoice.Only13, EngineChoice.Only12 | EngineChoice.Cbc, EngineChoice.Only13 | EngineChoice.Authentication,
        EngineChoice.Only12 | EngineChoice.Authentication, EngineChoice.Alpn | EngineChoice.Resumption, EngineChoice.Only12 | EngineChoice.Resumption,
        EngineChoice.Later | EngineChoice.Authentication,
    ];

    private readonly Lazy<FuzzIdentity> _identity = new(() => new FuzzIdentity());

    internal override string Name => "handshake";

    internal override int MaxLength => 2048;

    internal override IReadOnlyList<byte[]> Words => [.. HandshakeWords.All, .. Asn1Words.All];

    internal override IEnumerable<byte[]> Seeds()
    {
        foreach (byte role in new byte[] { 0, MachineIsServer })
            foreach (byte choice in Choices)
            {
                yield return [(byte)(role | choice)];
                for (int record = 0; record < 6; record++)
                {
                    yield return [(byte)(role | choice), .. Tampering.Write(record, fixLength: true, 40, 1, [0])];
                    yield return [(byte)(role | choice), .. Tampering.Write(record, fixLength: false, 1, 3, [0, 0, 0])];
                    yield return [(byte)(role | choice), .. Tampering.Write(record, fixLength: true, 4, 65535, _identity.Value.Certificate)];
                }
            }
    }

    internal override void Run(byte[] input)
    {
        var reader = new InputReader(input);
        byte head = reader.Byte();
        var choice = new EngineChoice(head);
        bool isServer = (head & MachineIsServer) != 0;
        var tampering = new Tampering(ref reader);
        using var tickets = new TicketKeyRing(TimeSpan.FromHours(1), TimeProvider.System);
        HandshakeSettings settings = choice.Settings(isServer ? tickets : null, new ClientSessionCache(8, TimeProvider.System));
        HostilePeer peer = HostilePeer.Start(isServer ? TlsRole.Client : TlsRole.Server, settings, tampering, _identity.Value);
        using var machine = new MachineDriver(
            settings, choice.Request(isServer ? TlsRole.Server : TlsRole.Client), _identity.Value.Answering(choice.AnswersLater));
        int turns = 0;
        for (bool moved = true; moved && turns < MaxTurns; turns++)
        {
            byte[] there = machine.Output(), back = peer.Output();
            peer.Offer(there);
            machine.Offer(back);
            moved = there.Length + back.Length > 0;
        }
        Unless(turns < MaxTurns, "a handshake comes to an end");
        if (tampering.IsHonest)
            Unless(machine.Status == HandshakeStatus.Done, "an honest handshake succeeds");
        machine.Finish();
    }
}
