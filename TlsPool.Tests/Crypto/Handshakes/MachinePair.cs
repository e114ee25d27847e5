using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>A client and a server machine with a wire of bytes between them.</summary>
internal sealed class MachinePair
{
    private readonly TestAnswers _clientAnswers;
    private readonly TestAnswers _serverAnswers;
    private readonly List<byte> _toServer = [];
    private readonly List<byte> _toClient = [];

    internal MachinePair(
        HandshakeSettings server, TestAnswers serverAnswers, HandshakeSettings client, TestAnswers clientAnswers,
        PeerAuthentication serverAsks = PeerAuthentication.Ignore,
        PeerAuthentication clientAsks = PeerAuthentication.Demand,
        string? serverName = "localhost",
        string[]? serverProtocols = null,
        string[]? clientProtocols = null,
        string? scope = "scope",
        bool authenticatesLater = false,
        bool precursor = false)
    {
        (_serverAnswers, _clientAnswers) = (serverAnswers, clientAnswers);
        Server = new HandshakeMachine(server, new HandshakeRequest(TlsRole.Server, serverAsks, null, serverProtocols ?? [], scope) { Precursor = precursor }, serverAnswers);
        Client = new HandshakeMachine(client, new HandshakeRequest(TlsRole.Client, clientAsks, serverName, clientProtocols ?? [], scope) { MayAuthenticateLater = authenticatesLater, Precursor = precursor }, clientAnswers);
    }

    internal HandshakeMachine Server { get; }

    internal HandshakeMachine Client { get; }

    /// <summary>Largest piece in which bytes arrive.</summary>
    internal int Chunk { get; init; } = int.MaxValue;

    /// <summary>What somebody between the two makes of the client's bytes.</summary>
    internal Func<byte[], byte[]> ToServer { get; init; } = bytes => bytes;

    /// <summary>Runs until neither side has anything to do.</summary>
    internal MachinePair Run()
    {
        HandshakeStatus server = Settle(Server, Server.Start(), _serverAnswers);
        HandshakeStatus client = Settle(Client, Client.Start(), _clientAnswers);
        for (bool moved = true; moved;)
        {
            moved = Drain(Client, _toServer, ToServer) | Drain(Server, _toClient, bytes => bytes);
            moved |= Feed(Server, _toServer, ref server, _serverAnswers);
            moved |= Feed(Client, _toClient, ref client, _clientAnswers);
        }
        return this;
    }

    /// <summary>Seals on one side and opens on the other.</summary>
    internal static byte[] Pass(HandshakeOutcome from, HandshakeOutcome to, byte[] content, out ContentType type, ContentType sent = ContentType.ApplicationData)
    {
        byte[] record = new byte[RecordSealer.HeaderSize + from.Sealer.PrefixSize + content.Length + from.Sealer.SuffixSize];
        content.CopyTo(record, RecordSealer.HeaderSize + from.Sealer.PrefixSize);
        int size = from.Sealer.Seal(record, content.Length, sent);
        OpenedRecord opened = to.Opener.Open(record.AsSpan(0, size));
        type = opened.Type;
        return record.AsSpan(opened.Offset, opened.Length).ToArray();
    }

    private static HandshakeStatus Settle(HandshakeMachine machine, HandshakeStatus status, TestAnswers answers)
    {
        while (status == HandshakeStatus.Asking)
            status = machine.Answer(answers.Answer(machine.Question!));
        return status;
    }

    private static bool Drain(HandshakeMachine machine, List<byte> wire, Func<byte[], byte[]> change)
    {
        byte[] buffer = new byte[700];
        List<byte> output = [];
        for (int count; (count = machine.ReadOutput(buffer)) > 0;)
            output.AddRange(buffer.AsSpan(0, count));
        wire.AddRange(change([.. output]));
        return output.Count > 0;
    }

    private bool Feed(HandshakeMachine machine, List<byte> wire, ref HandshakeStatus status, TestAnswers answers)
    {
        bool any = false;
        for (int window = 0; window < wire.Count && status == HandshakeStatus.NeedInput;)
        {
            window = Math.Min(wire.Count, Chunk == int.MaxValue ? wire.Count : window + Chunk);
            status = machine.Offer(wire.Take(window).ToArray(), out int consumed);
            wire.RemoveRange(0, consumed);
            window -= consumed;
            any |= consumed > 0;
            status = Settle(machine, status, answers);
            if (consumed == 0 && window >= wire.Count)
                break;
        }
        return any;
    }
}
