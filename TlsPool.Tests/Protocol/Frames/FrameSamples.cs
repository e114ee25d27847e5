using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Protocol.Frames;

/// <summary>One filled frame for each command, the same that WireLayout.c fills.</summary>
internal static class FrameSamples
{
    internal static ControlKey Key { get; } = new(Sequence(0xa0, ControlKey.Size));

    internal static IReadOnlyList<Frame> All { get; } =
    [
        new(0x1234, 0xfedc, Command.Success, EmptyMessage.Instance),
        new(1, 0, Command.Error, new ErrorMessage(PoolError.StirredNotShaken, "handshake failed")),
        new(2, 0, Command.Ping, new PingMessage(PingMessage.IdentityV2, Facilities.StartTls | Facilities.StartSsh)),
        new(3, 0, Command.StartTls, StartTls),
        new(4, 0x8001, Command.StartTlsLocalId, StartTls with { LocalId = "", Service = "sixteen-is-full!" }),
        new(5, 6, Command.PlaintextConnect, StartTls with { Timeout = StartTlsMessage.TimeoutInfinite }),
        new(7, 8, Command.PinEntry, PinEntry),
        new(9, 0, Command.Prng, new PrngMessage(5, -1, 48, Sequence(1, PrngMessage.BufferSize))),
        new(10, 0, Command.Info, new InfoMessage(Key, InfoKind.ChannelBindingTlsServerEndPoint, 32, Sequence(7, InfoMessage.BufferSize))),
        new(11, 0, Command.ControlDetach, new ControlMessage(0x01020304, Key, "detached")),
        new(12, 0, Command.ControlReattach, new ControlMessage(0x05060708, Key, "")),
        new(13, 0, Command.LidEntryRegister, new LidEntryMessage(LidEntryFlags.WantDbEntry | LidEntryFlags.SkipUser, 0, 600, "", "")),
        new(14, 15, Command.LidEntryCallback, new LidEntryMessage(
            LidEntryFlags.DbEntry, 2, 30, "john@example.com", "@.example.org")),
    ];

    internal static StartTlsMessage StartTls => new(
        StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer | StartTlsFlags.Fork,
        0x89abcdef,
        6,
        0x7788,
        "john@example.com",
        "www.bücher.example",
        Key,
        "http",
        30000);

    internal static PinEntryMessage PinEntry => new(
        0x11223344,
        3,
        60_000_000,
        [.. "1234 5678"u8],
        "PIN, please",
        "Some manufacturer",
        "Model 1",
        "SN-0001",
        "token label");

    internal static byte[] Encode(Frame frame)
    {
        byte[] bytes = new byte[Frame.Size];
        FrameCodec.Encode(frame, bytes);
        return bytes;
    }

    internal static byte[] Sequence(byte first, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
            bytes[i] = (byte)(first + i);
        return bytes;
    }
}
