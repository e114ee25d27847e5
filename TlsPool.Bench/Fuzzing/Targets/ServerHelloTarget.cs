using TlsPool.Crypto.Handshakes;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// A client machine that is offered any bytes. The first byte chooses its settings, the second how the bytes are cut. 32 bytes of
/// <see cref="SessionIdMark"/> stand for the session id that the client sent, which a server has to repeat.
/// </summary>
internal sealed class ServerHelloTarget : FuzzTarget
{
    private const byte SessionIdMark = 0xa5;
    private const int SessionIdLengthOffset = 43;
    private const int SessionIdSize = 32;

    private static readonly byte[] Mark = [.. Enumerable.Repeat(SessionIdMark, SessionIdSize)];

    private readonly Lazy<FuzzIdentity> _identity = new(() => new FuzzIdentity());

    internal override string Name => "server-hello";

    internal override IReadOnlyList<byte[]> Words => [Mark, .. HandshakeWords.All];

    internal override IEnumerable<byte[]> Seeds()
    {
        foreach (byte choice in new byte[] { 0, EngineChoice.Only12, EngineChoice.Only13, EngineChoice.Resumption | EngineChoice.Only12, EngineChoice.Alpn, EngineChoice.Cbc | EngineChoice.Only12 })
        {
            using MachineDriver client = Client(new EngineChoice(choice));
            var engine = new EngineChoice((byte)(choice | EngineChoice.Authentication));
            using var tickets = new TicketKeyRing(TimeSpan.FromHours(1), TimeProvider.System);
            using var server = new MachineDriver(engine.Settings(tickets, null), engine.Request(TlsRole.Server), _identity.Value.Answering(later: false));
            byte[] hello = client.Output();
            server.Offer(hello);
            byte[] flight = server.Output();
            Replace(flight, SessionId(hello), Mark);
            yield return [choice, 255, .. flight];
            yield return [(byte)(choice | EngineChoice.Later), 100, .. flight];
        }
    }

    internal override void Run(byte[] input)
    {
        var reader = new InputReader(input);
        var choice = new EngineChoice(reader.Byte());
        byte cut = reader.Byte();
        int piece = cut == 255 ? int.MaxValue : cut + 1;
        using MachineDriver client = Client(choice);
        byte[] bytes = reader.Rest.ToArray();
        Replace(bytes, Mark, SessionId(client.Output()));
        for (int at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length - at))
        {
            client.Offer(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            client.Output();
        }
        Unless(client.Status != HandshakeStatus.Done, "nobody completes a handshake without its keys");
        client.Finish();
    }

    private MachineDriver Client(EngineChoice choice) => new(
        choice.Settings(null, new ClientSessionCache(8, TimeProvider.System)), choice.Request(TlsRole.Client), _identity.Value.Answering(choice.AnswersLater));

    /// <summary>The session id of a ClientHello, or the mark if it has none.</summary>
    private static byte[] SessionId(byte[] hello) =>
        hello.Length > SessionIdLengthOffset + SessionIdSize && hello[SessionIdLengthOffset] == SessionIdSize
            ? hello[(SessionIdLengthOffset + 1)..(SessionIdLengthOffset + 1 + SessionIdSize)]
            : Mark;

    private static void Replace(Span<byte> bytes, byte[] one, byte[] other)
    {
        int at = bytes.IndexOf(one);
        if (at >= 0)
            other.CopyTo(bytes[at..]);
    }
}
