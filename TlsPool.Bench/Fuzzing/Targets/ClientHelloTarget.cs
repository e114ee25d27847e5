using TlsPool.Crypto.Handshakes;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>A server machine that is offered any bytes. The first byte chooses its settings, the second how the bytes are cut.</summary>
internal sealed class ClientHelloTarget : FuzzTarget
{
    private readonly Lazy<FuzzIdentity> _identity = new(() => new FuzzIdentity());

    internal override string Name => "client-hello";

    internal override IReadOnlyList<byte[]> Words => HandshakeWords.All;

    internal override IEnumerable<byte[]> Seeds()
    {
        foreach (byte choice in new byte[] { 0, EngineChoice.Only12, EngineChoice.Only13, EngineChoice.Resumption, EngineChoice.Alpn, EngineChoice.Cbc })
        {
            var engine = new EngineChoice(choice);
            using var client = new MachineDriver(
                engine.Settings(null, new ClientSessionCache(8, TimeProvider.System)), engine.Request(TlsRole.Client), _identity.Value.Answering(later: false));
            byte[] hello = client.Output();
            yield return [choice, 255, .. hello];
            yield return [(byte)(choice | EngineChoice.Later | EngineChoice.Authentication), 100, .. hello];
        }
    }

    internal override void Run(byte[] input)
    {
        var reader = new InputReader(input);
        var choice = new EngineChoice(reader.Byte());
        byte cut = reader.Byte();
        int piece = cut == 255 ? int.MaxValue : cut + 1;
        using var tickets = new TicketKeyRing(TimeSpan.FromHours(1), TimeProvider.System);
        using var server = new MachineDriver(
            choice.Settings(tickets, null), choice.Request(TlsRole.Server), _identity.Value.Answering(choice.AnswersLater));
        while (!reader.IsAtEnd)
        {
            server.Offer(reader.Take(piece));
            server.Output();
        }
        Unless(server.Status != HandshakeStatus.Done, "nobody completes a handshake without its keys");
        server.Finish();
    }
}
