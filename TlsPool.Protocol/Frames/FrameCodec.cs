using System.Buffers.Binary;
using Layout = TlsPool.Protocol.Frames.FrameLayout;

namespace TlsPool.Protocol.Frames;

/// <summary>
/// Encodes and decodes whole frames (wire-format.md). Little-endian, as on every host this runs on. Encoding zero-fills the frame first, so
/// nothing of an earlier message leaks; decoding never reads past a field.
/// </summary>
public static class FrameCodec
{
    /// <summary>Encodes a frame.</summary>
    /// <param name="frame">The frame; its body has to belong to its command.</param>
    /// <param name="destination">At least <see cref="Frame.Size"/> bytes; exactly that many are written.</param>
    /// <exception cref="ArgumentException">A text does not fit its field, a buffer has the wrong size, or the destination is too small.</exception>
    public static void Encode(Frame frame, Span<byte> destination)
    {
        destination = destination[..Frame.Size];
        destination.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(destination[Layout.RequestId..], frame.RequestId);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[Layout.CallbackId..], frame.CallbackId);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.Command..], (uint)frame.Command);
        switch (frame.Body)
        {
            case EmptyMessage:
                break;
            case ErrorMessage error:
                BinaryPrimitives.WriteInt32LittleEndian(destination[Layout.ErrorNumber..], (int)error.Code);
                FrameText.WriteCut(error.Text, destination.Slice(Layout.ErrorText, Layout.ErrorTextSize));
                break;
            case PingMessage ping:
                FrameText.Write(ping.Producer, destination.Slice(Layout.PingProducer, Layout.PingProducerSize));
                BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.PingFacilities..], (uint)ping.Facilities);
                break;
            case StartTlsMessage startTls:
                Write(startTls, destination);
                break;
            case PinEntryMessage pinEntry:
                Write(pinEntry, destination);
                break;
            case LidEntryMessage lidEntry:
                BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.LidEntryFlags..], (uint)lidEntry.Flags);
                BinaryPrimitives.WriteUInt16LittleEndian(destination[Layout.LidEntryMaxLevels..], lidEntry.MaxLevels);
                BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.LidEntryTimeout..], lidEntry.Timeout);
                FrameText.Write(lidEntry.LocalId, destination.Slice(Layout.LidEntryLocalId, Layout.IdentitySize));
                FrameText.Write(lidEntry.RemoteId, destination.Slice(Layout.LidEntryRemoteId, Layout.IdentitySize));
                break;
            case ControlMessage control:
                BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.ControlFlags..], control.Flags);
                control.ControlKey.CopyTo(destination[Layout.ControlControlKey..]);
                FrameText.Write(control.Name, destination.Slice(Layout.ControlName, Layout.IdentitySize));
                break;
            case PrngMessage prng:
                BinaryPrimitives.WriteInt16LittleEndian(destination[Layout.PrngIn1Length..], prng.In1Length);
                BinaryPrimitives.WriteInt16LittleEndian(destination[Layout.PrngIn2Length..], prng.In2Length);
                BinaryPrimitives.WriteInt16LittleEndian(destination[Layout.PrngLength..], prng.PrngLength);
                CopyBuffer(prng.Buffer.Span, destination.Slice(Layout.PrngBuffer, PrngMessage.BufferSize));
                break;
            case InfoMessage info:
                info.ControlKey.CopyTo(destination[Layout.InfoControlKey..]);
                BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.InfoKind..], (uint)info.Kind);
                BinaryPrimitives.WriteUInt16LittleEndian(destination[Layout.InfoLength..], info.Length);
                CopyBuffer(info.Buffer.Span, destination.Slice(Layout.InfoBuffer, InfoMessage.BufferSize));
                break;
            default:
                throw new ArgumentException($"a {frame.Body.GetType().Name} is no body of a frame", nameof(frame));
        }
    }

    /// <summary>Decodes one frame.</summary>
    /// <param name="bytes">Exactly <see cref="Frame.Size"/> bytes of any content.</param>
    /// <returns>The frame; or COMMAND_UNKNOWN, or COMMAND_NOTIMPL for a text without its NUL or with bytes no identity has.</returns>
    /// <exception cref="ArgumentException">Any other length.</exception>
    public static FrameDecoding Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Frame.Size)
            throw new ArgumentException($"a frame has {Frame.Size} bytes, not {bytes.Length}", nameof(bytes));
        ushort requestId = BinaryPrimitives.ReadUInt16LittleEndian(bytes[Layout.RequestId..]);
        ushort callbackId = BinaryPrimitives.ReadUInt16LittleEndian(bytes[Layout.CallbackId..]);
        var command = (Command)BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.Command..]);
        if (!Enum.IsDefined(command))
            return new FrameDecoding(null, requestId, callbackId, PoolError.CommandUnknown, PoolErrorText.Describe(PoolError.CommandUnknown));
        Message? body = DecodeBody(command, bytes);
        return body is null
            ? new FrameDecoding(null, requestId, callbackId, PoolError.CommandNotImplemented, "a text field is not NUL-terminated printable UTF-8")
            : new FrameDecoding(new Frame(requestId, callbackId, command, body), requestId, callbackId, PoolError.None, "");
    }

    private static Message? DecodeBody(Command command, ReadOnlySpan<byte> bytes) => command switch
    {
        Command.Error => Text(bytes, Layout.ErrorText, Layout.ErrorTextSize) is { } text
            ? new ErrorMessage((PoolError)BinaryPrimitives.ReadInt32LittleEndian(bytes[Layout.ErrorNumber..]), text)
            : null,
        Command.Ping => Text(bytes, Layout.PingProducer, Layout.PingProducerSize) is { } producer
            ? new PingMessage(producer, (Facilities)BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.PingFacilities..]))
            : null,
        Command.StartTls or Command.StartTlsLocalId or Command.PlaintextConnect => ReadStartTls(bytes),
        Command.PinEntry => ReadPinEntry(bytes),
        Command.LidEntryRegister or Command.LidEntryCallback => ReadLidEntry(bytes),
        Command.ControlDetach or Command.ControlReattach => Text(bytes, Layout.ControlName, Layout.IdentitySize) is { } name
            ? new ControlMessage(BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.ControlFlags..]), Key(bytes, Layout.ControlControlKey), name)
            : null,
        Command.Prng => new PrngMessage(
            BinaryPrimitives.ReadInt16LittleEndian(bytes[Layout.PrngIn1Length..]),
            BinaryPrimitives.ReadInt16LittleEndian(bytes[Layout.PrngIn2Length..]),
            BinaryPrimitives.ReadInt16LittleEndian(bytes[Layout.PrngLength..]),
            bytes.Slice(Layout.PrngBuffer, PrngMessage.BufferSize).ToArray()),
        Command.Info => new InfoMessage(
            Key(bytes, Layout.InfoControlKey),
            (InfoKind)BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.InfoKind..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[Layout.InfoLength..]),
            bytes.Slice(Layout.InfoBuffer, InfoMessage.BufferSize).ToArray()),
        _ => EmptyMessage.Instance,
    };

    private static void Write(StartTlsMessage message, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.StartTlsFlags..], (uint)message.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.StartTlsLocal..], message.Local);
        destination[Layout.StartTlsIpProtocol] = message.IpProtocol;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[Layout.StartTlsStreamId..], message.StreamId);
        FrameText.Write(message.LocalId, destination.Slice(Layout.StartTlsLocalId, Layout.IdentitySize));
        FrameText.Write(message.RemoteId, destination.Slice(Layout.StartTlsRemoteId, Layout.IdentitySize));
        message.ControlKey.CopyTo(destination[Layout.StartTlsControlKey..]);
        FrameText.WriteUpToFull(message.Service, destination.Slice(Layout.StartTlsService, Layout.ServiceSize));
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.StartTlsTimeout..], message.Timeout);
    }

    private static StartTlsMessage? ReadStartTls(ReadOnlySpan<byte> bytes)
    {
        string? localId = Text(bytes, Layout.StartTlsLocalId, Layout.IdentitySize);
        string? remoteId = Text(bytes, Layout.StartTlsRemoteId, Layout.IdentitySize);
        string? service = FrameText.ReadUpToFull(bytes.Slice(Layout.StartTlsService, Layout.ServiceSize));
        if (localId is null || remoteId is null || service is null)
            return null;
        return new StartTlsMessage(
            (StartTlsFlags)BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.StartTlsFlags..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.StartTlsLocal..]),
            bytes[Layout.StartTlsIpProtocol],
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[Layout.StartTlsStreamId..]),
            localId,
            remoteId,
            Key(bytes, Layout.StartTlsControlKey),
            service,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.StartTlsTimeout..]));
    }

    private static void Write(PinEntryMessage message, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.PinEntryFlags..], message.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.PinEntryAttempt..], message.Attempt);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Layout.PinEntryTimeout..], message.TimeoutMicroseconds);
        if (message.Pin.Length >= Layout.PinEntryTextSize)
            throw new ArgumentException("a PIN is longer than its field", nameof(message));
        message.Pin.CopyTo(destination[Layout.PinEntryPin..]);
        FrameText.Write(message.Prompt, destination.Slice(Layout.PinEntryPrompt, Layout.PinEntryTextSize));
        FrameText.Write(message.TokenManufacturer, destination.Slice(Layout.PinEntryManufacturer, Layout.PinEntryManufacturerSize));
        FrameText.Write(message.TokenModel, destination.Slice(Layout.PinEntryModel, Layout.PinEntryModelSize));
        FrameText.Write(message.TokenSerial, destination.Slice(Layout.PinEntrySerial, Layout.PinEntrySerialSize));
        FrameText.Write(message.TokenLabel, destination.Slice(Layout.PinEntryLabel, Layout.PinEntryLabelSize));
    }

    private static PinEntryMessage? ReadPinEntry(ReadOnlySpan<byte> bytes)
    {
        int pin = bytes.Slice(Layout.PinEntryPin, Layout.PinEntryTextSize).IndexOf((byte)0);
        string? prompt = Text(bytes, Layout.PinEntryPrompt, Layout.PinEntryTextSize);
        string? manufacturer = Text(bytes, Layout.PinEntryManufacturer, Layout.PinEntryManufacturerSize);
        string? model = Text(bytes, Layout.PinEntryModel, Layout.PinEntryModelSize);
        string? serial = Text(bytes, Layout.PinEntrySerial, Layout.PinEntrySerialSize);
        string? label = Text(bytes, Layout.PinEntryLabel, Layout.PinEntryLabelSize);
        if (pin < 0 || prompt is null || manufacturer is null || model is null || serial is null || label is null)
            return null;
        return new PinEntryMessage(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.PinEntryFlags..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.PinEntryAttempt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.PinEntryTimeout..]),
            bytes.Slice(Layout.PinEntryPin, pin).ToArray(),
            prompt,
            manufacturer,
            model,
            serial,
            label);
    }

    private static LidEntryMessage? ReadLidEntry(ReadOnlySpan<byte> bytes)
    {
        string? localId = Text(bytes, Layout.LidEntryLocalId, Layout.IdentitySize);
        string? remoteId = Text(bytes, Layout.LidEntryRemoteId, Layout.IdentitySize);
        if (localId is null || remoteId is null)
            return null;
        return new LidEntryMessage(
            (LidEntryFlags)BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.LidEntryFlags..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[Layout.LidEntryMaxLevels..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[Layout.LidEntryTimeout..]),
            localId,
            remoteId);
    }

    private static string? Text(ReadOnlySpan<byte> bytes, int offset, int size) => FrameText.Read(bytes.Slice(offset, size));

    private static ControlKey Key(ReadOnlySpan<byte> bytes, int offset) => new(bytes.Slice(offset, ControlKey.Size));

    private static void CopyBuffer(ReadOnlySpan<byte> source, Span<byte> field)
    {
        if (source.Length > field.Length)
            throw new ArgumentException($"a buffer is longer than the {field.Length} bytes of its field", nameof(source));
        source.CopyTo(field);
    }
}
